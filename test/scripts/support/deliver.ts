/** Runs guest.sh as the node does, with a folder in place of the node and a shell script in place of pct. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const scripts = join(__dirname, "..", "..", "..", "scripts");
/** The folder of scripts on the node; a guest's configuration is read from a folder of the test's own. */
function place(folder: string): string {
  const placed = join(folder, "scripts");
  mkdirSync(join(placed, "node"), { recursive: true });
  for (const file of ["connection.sh", "lib.sh", "guest.sh"]) {
    const text = readFileSync(join(scripts, "node", file), "utf8");
    writeFileSync(
      join(placed, "node", file),
      text
        .replaceAll(/\/etc\/pve\/lxc|\/run\/lock\/lxc/g, folder)
        .replace("limit=1800", "limit=${LIMIT:-1800}"),
    );
  }
  cpSync(join(scripts, "guest"), join(placed, "guest"), { recursive: true });
  return placed;
}

/** Runs guest.sh as the node does, with a `pct` that keeps the tar it is given if the guest runs. */
export function deliver(
  text: string,
  {
    status = "running",
    conf = "hostname: web\ntags: other;proximity-lan-dev\n",
    without = "",
    start = "running",
    // What the script in the guest does, as shell text.
    does = `echo '${observation("10.20.0.101")}'`,
    network = "10.20.0.0/24",
    limit = 60,
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const pct = join(folder, "pct");
  const state = join(folder, "state");
  writeFileSync(state, status);
  writeFileSync(
    pct,
    `#!/bin/sh
case $1 in
status) echo "status: $(cat ${state})" ;;
start | reboot) echo "$1 $2" >>${folder}/calls; [ "${start}" = running ] || { echo "no such bridge" >&2; exit 1; }; echo running >${state} ;;
exec) grep -q running ${state} || { echo "CT 100 not running" >&2; exit 255; }; cat >"${folder}/received.tar"; env >"${folder}/environment"; . "${folder}/does" ;;
esac
`,
  );
  chmodSync(pct, 0o755);
  writeFileSync(join(folder, "does"), `${does}\n`);
  writeFileSync(join(folder, "100.conf"), conf);
  const placed = place(folder);
  if (without !== "") rmSync(join(placed, without), { recursive: true });
  const preamble = `scripts=${placed} family=family/debian.sh parts='lib.sh public.sh app.sh' network='${network}'\n`;
  const result = spawnSync(
    "bash",
    ["-s", "--", "apply", "100", "proximity-lan-dev", "app.sh", "10.20.0.1", "a b", ""],
    {
      input: `${preamble}${readFileSync(join(scripts, "node", "load.sh"), "utf8")}${text}`,
      env: {
        PATH: `${folder}:${process.env["PATH"] ?? ""}`,
        LIMIT: String(limit),
        SSH_CONNECTION: "192.168.1.20 50000 192.168.1.10 22",
      },
      encoding: "utf8",
    },
  );
  const read = (path: string) =>
    execFileSync("tar", ["-xOf", join(folder, "received.tar"), `./${path}`], { encoding: "utf8" });
  const rights = (path: string) =>
    execFileSync("tar", ["-tvf", join(folder, "received.tar"), `./${path}`], { encoding: "utf8" });
  const list = () =>
    execFileSync("tar", ["-tf", join(folder, "received.tar")], { encoding: "utf8" })
      .split("\n")
      .filter((path) => path !== "" && !path.endsWith("/"))
      .sort();
  return {
    result,
    read,
    rights,
    list,
    environment: () => readFileSync(join(folder, "environment"), "utf8"),
    conf: () => readFileSync(join(folder, "100.conf"), "utf8"),
    calls: () =>
      existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8") : "",
    done: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** What app.sh prints at its end. */
export function observation(address: string): string {
  return `{"address":"${address}","listening":true,"publicAddress":"","publicMac":""}`;
}
