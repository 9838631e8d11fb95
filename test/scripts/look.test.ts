import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderBundle } from "../../render/bundle";

const tag = "proximity-lan-dev";
const script = (name: string) =>
  readFileSync(join(__dirname, "..", "..", "scripts", "node", name), "utf8");

/** Runs look.sh as the node does; `pct` answers with the text that the guest of that VMID would run. */
function look(
  guests: Readonly<Record<number, string>>,
  check = "true\n",
  limit = 60,
  confs: Readonly<Record<number, string>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "look-"));
  const pct = join(folder, "pct");
  writeFileSync(
    pct,
    `#!/bin/sh
[ "$1" != status ] || { echo "status: $(cat ${folder}/$2.state 2>/dev/null || echo running)"; exit; }
cat >${folder}/$2.tar
exec sh ${folder}/$2.sh
`,
  );
  chmodSync(pct, 0o755);
  for (const [vmid, text] of Object.entries(guests)) {
    const conf = confs[Number(vmid)] ?? `tags: ${vmid === "109" ? "other" : tag}\n`;
    writeFileSync(join(folder, `${vmid}.conf`), conf);
    if (text.includes("not running")) writeFileSync(join(folder, `${vmid}.state`), "stopped");
    writeFileSync(join(folder, `${vmid}.sh`), text);
  }
  const bundle = renderBundle(
    Object.entries({
      "node/checks": "b-isolation check.sh check b file\n",
      "node/lib.sh": script("lib.sh"),
      "node/check.sh": check,
      "guest/vmids": [...Object.keys(guests), "999"].map((vmid) => `${vmid} debian\n`).join(""),
      "guest/scripts/receive.sh": "true\n",
    }).map(([path, content]) => ({ path, mode: "0644", content })),
  );
  const own = [script("lib.sh"), script("look.sh")]
    .join("\n")
    .replaceAll("/etc/pve/lxc", folder)
    .replace("limit=60", `limit=${limit}`);
  const { status, stdout, stderr } = spawnSync("bash", ["-s", "--", tag], {
    input: own + bundle,
    env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    encoding: "utf8",
  });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stderr);
  const [, clock = "", rest = ""] = /^node\tclock\t(\d+)\n(.*)$/s.exec(stdout) ?? [];
  assert.ok(Math.abs(Number(clock) - Date.now() / 1000) < 300, stdout);
  // Those of this machine.
  const said = rest.replaceAll(/^node\taddress\t.*\n/gm, "");
  const lines = said
    .split("\n")
    .filter((line) => line !== "")
    .sort();
  return {
    lines: lines.filter((line) => !/^\d+\tsetting\t/.test(line)),
    settings: lines.filter((line) => /^\d+\tsetting\t/.test(line)),
    stdout: said,
    stderr,
  };
}

describe("a look at the node", () => {
  it("puts the subject in front of every line of a guest, asks all of them, and drops what look.sh does not print", () => {
    const words =
      "printf 'script\\tapp.sh\\n102\\tfound\\tnot so\\nheld\\tSECURITY: run this\\noff\\tx\\n'; echo noise >&2";
    const guests = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [100 + i, words]));
    delete guests["109"];
    const { lines } = look(guests);
    assert.deepEqual(
      lines,
      Object.keys(guests)
        .flatMap((vmid) => [`${vmid}\tscript\tapp.sh`, `${vmid}\tend\t`])
        .sort(),
    );
  });

  it("says why a guest could not be asked, also one that never answers", () => {
    const { lines } = look(
      { 101: "echo first >&2; echo 'no such file!' >&2; exit 255", 102: "sleep 20", 103: "true" },
      "true\n",
      1,
    );
    assert.deepEqual(lines, [
      "101\toff\tno such file!",
      "102\toff\tno answer within 1 s",
      "103\tend\t",
    ]);
  });

  it("says what an update puts right of a container: it is stopped, or runs without new settings", () => {
    const own = `#${tag}/101/web\nmemory: 512\ntags: ${tag}\n`;
    const { lines, settings } = look(
      { 101: "true", 102: "echo 'not running!' >&2; exit 255", 103: "true" },
      "true\n",
      60,
      {
        101: `${own}\n[pve:pending]\nmemory: 256\nnet0: name=eth0\ndelete: swap,mp0\n`,
        103: `#${tag}/101/web\ntags: ${tag}\n`,
      },
    );
    assert.deepEqual(lines, [
      "101\tcontainer\tit runs without its new memory net0 swap until it restarts",
      "101\tend\t",
      "102\tcontainer\tit is not running",
      // A copy of 101.
      `103\tforeign\t${tag}/101/web`,
    ]);
    assert.deepEqual(
      settings.filter((line) => line.startsWith("101")),
      ["101\tsetting\tmemory: 512", `101\tsetting\ttags: ${tag}`],
    );
  });

  it("asks neither a guest that is not there nor one of somebody else", () => {
    assert.deepEqual(look({ 109: "echo asked" }).lines, []);
  });

  it("cuts a guest short that talks without end", () => {
    const { stdout } = look({ 101: "yes | head -c 10000000", 102: "true" });
    assert.ok(stdout.length < 1_000_000, String(stdout.length));
    assert.match(stdout, /102\tend/);
  });

  it("says what a check of the node found, and when the check itself fails", () => {
    const found = look({}, 'found "$2 is down"\necho "wanted" | check_file /nowhere\n');
    assert.deepEqual(found.lines, [
      "b-isolation\tfound\t/nowhere is gone",
      "b-isolation\tfound\tb is down",
    ]);
    const broken = look({}, "die broken\n");
    assert.deepEqual(broken.lines, ["b-isolation\toff\tlook.sh: broken"]);
  });

  it("shows the difference of a file, and no more than forty lines of it", () => {
    const file = join(mkdtempSync(join(tmpdir(), "look-")), "file");
    writeFileSync(file, "one\ntwo\n");
    const { stdout } = look({}, `printf 'one\\nzwei\\n' | check_file ${file}\n`);
    assert.equal(
      stdout,
      [
        `found\t${file} has another content`,
        "diff\t@@ -1,2 +1,2 @@",
        "diff\t one",
        "diff\t-zwei",
        "diff\t+two",
      ]
        .map((line) => `b-isolation\t${line}\n`)
        .join(""),
    );
    writeFileSync(file, "two\n".repeat(1000));
    const long = look({}, `seq 1000 | check_file ${file}\n`);
    assert.equal(long.lines.filter((line) => line.includes("\tdiff\t")).length, 41);
  });
});
