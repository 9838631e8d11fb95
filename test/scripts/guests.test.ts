import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { parseListedGuests, type ListedGuest } from "../../model/standing";

const tag = "proximity-lan-dev";
const scripts = join(__dirname, "..", "..", "scripts", "node");

/** Runs guests.sh on a node with these files below /etc/pve/nodes; only `running` containers have an init. */
function list(files: Readonly<Record<string, string>>, running: Readonly<Record<number, number>>) {
  const folder = mkdtempSync(join(tmpdir(), "guests-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const cases = Object.entries(running).map(([vmid, pid]) => `${vmid}) echo ${pid} ;;`);
  writeFileSync(join(folder, "lxc-info"), `#!/bin/sh\ncase $2 in ${cases.join(" ")} esac\n`);
  chmodSync(join(folder, "lxc-info"), 0o755);
  const input = ["lib.sh", "guests.sh"]
    .map((file) => readFileSync(join(scripts, file), "utf8"))
    .join("\n")
    .replaceAll("/etc/pve/nodes", folder);
  const { status, stdout, stderr } = spawnSync("bash", ["-s", "--", tag], {
    input,
    encoding: "utf8",
    env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
  });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stderr);
  return parseListedGuests(stdout);
}

describe("the list of guests", () => {
  it("has every guest of the cluster, and more of this stack's on this node", () => {
    const here = `${hostname()}/lxc`;
    const guests = list(
      {
        [`${here}/101.conf`]: `#Ask Alice.\n#\n#${tag}/101/wiki\nhostname: wiki\nlock: backup\nnet0: name=eth0,bridge=lan,hwaddr=02:aa:00:00:00:01,ip=dhcp\ntags: mine;${tag}\n\n[pve:pending]\nmemory: 1024\n\n[old]\nnet1: name=eth1,bridge=vmbr9,hwaddr=02:AA:00:00:00:09\n`,
        [`${here}/102.conf`]: `hostname: notes\nlxc.net.1.link: vmbr0\ntags: ${tag}`,
        [`${here}/150.conf`]: `#${tag}/101/wiki\nhostname: wiki\nnet0: bridge=lan,hwaddr=02:AA:00:00:00:01\ntags: ${tag}\n`,
        [`${here}/160.conf`]: "lock: create\n",
        "other/lxc/103.conf": `#${tag}/103/mail\nhostname: mail\ntags: ${tag}\n`,
        "other/qemu-server/200.conf":
          "name: windows\nnet0: virtio=BC:24:11:00:00:01,bridge=lan,firewall=1\n",
      },
      { 101: process.pid },
    );
    assert.deepEqual(guests.map(({ vmid }) => vmid).sort(), [101, 102, 103, 150, 160, 200]);
    const guest = (vmid: number): Partial<ListedGuest> =>
      guests.find((one) => one.vmid === vmid) ?? {};
    const { disk, ...wiki } = guest(101);
    assert.deepEqual(wiki, {
      ...{ vmid: 101, node: hostname(), name: "wiki", own: true, mark: "wiki", lock: "backup" },
      ...{ bridges: ["lan"], macs: ["02:AA:00:00:00:01"], origin: 101 },
      ...{ state: "running", pending: ["memory"] },
    });
    assert.ok(disk !== undefined && disk.total > disk.used && disk.used > 0);
    const has = (vmid: number, wanted: Partial<ListedGuest>) => {
      assert.deepEqual({ ...guest(vmid), ...wanted }, guest(vmid));
    };
    has(102, { own: true, state: "stopped", bridges: ["vmbr0"] });
    has(150, { own: false, origin: 101, macs: ["02:AA:00:00:00:01"] });
    has(160, { own: false, lock: "create", name: "" });
    has(103, { own: true, node: "other", state: "" });
    has(200, { name: "windows", macs: ["BC:24:11:00:00:01"], bridges: ["lan"] });
  });
});
