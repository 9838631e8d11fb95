import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tag = "proximity-lan-dev";
const scripts = join(__dirname, "..", "..", "scripts", "node");

/** Runs what the engine runs before it deletes container 104, of which the node has this configuration. */
function release(name: string, conf: string | undefined, { cleaned = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  const own = (file: string) =>
    readFileSync(join(scripts, file), "utf8").replaceAll("/etc/pve/lxc", folder);
  mkdirSync(join(folder, "node"));
  if (!cleaned)
    for (const file of ["lib.sh", "guest.sh"]) writeFileSync(join(folder, "node", file), own(file));
  if (conf !== undefined) writeFileSync(join(folder, "104.conf"), conf);
  const input = `scripts=${folder} family=family/debian.sh parts=\n${own("load.sh")}`;
  const args = ["-s", "--", "release", "104", tag, name];
  const { status, stderr } = spawnSync("bash", args, { input, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return { status, stderr };
}

describe("what runs before a container is deleted", () => {
  for (const [what, conf, name] of [
    ["is gone", undefined, "wiki"],
    [
      "is the one that was created",
      `#App wiki.\n#${tag}/104/wiki\nhostname: wiki\ntags: ${tag}\n`,
      "wiki",
    ],
    ["was renamed since", `#${tag}/104/wiki\nhostname: pages\ntags: mine;${tag}\n`, "wiki"],
    ["has lost its notes", `hostname: wiki\ntags: ${tag}\n`, "wiki"],
    ["was created by an older release", `#Made at noon.\nhostname: wiki\ntags: ${tag}\n`, ""],
    [
      "was marked since the state heard of it",
      `#${tag}/104/wiki\nhostname: wiki\ntags: ${tag}\n`,
      "",
    ],
  ] as const)
    it(`lets it go when it ${what}`, () => {
      const { status, stderr } = release(name, conf);
      assert.equal(status, 0, stderr);
    });

  for (const [what, conf, name, reason] of [
    ["has no tag", "hostname: stranger\n", "wiki", /does not carry the tag/],
    ["has another stack's tag", `tags: ${tag}-2\n`, "wiki", /does not carry the tag/],
    ["is no longer tagged, by an older release", "hostname: wiki\n", "", /does not carry the tag/],
    [
      "is a copy of another app",
      `#${tag}/102/notes\nhostname: notes\ntags: ${tag}\n`,
      "wiki",
      /its description says proximity-lan-dev\/102\/notes/,
    ],
    [
      "is a copy of another app, for an older release",
      `#${tag}/102/notes\ntags: ${tag}\n`,
      "",
      /its description says/,
    ],
    [
      "is another app of the same stack",
      `#${tag}/104/notes\nhostname: notes\ntags: ${tag}\n`,
      "wiki",
      /its description says/,
    ],
    [
      "has the tag and another host name",
      `hostname: stranger\ntags: ${tag}\n`,
      "wiki",
      /its host name is not wiki/,
    ],
    [
      "has the tag in a snapshot alone",
      `hostname: wiki\n[old]\n#${tag}/104/wiki\ntags: ${tag}\n`,
      "wiki",
      /does not carry the tag/,
    ],
  ] as const)
    it(`stops when the guest under the VMID ${what}`, () => {
      const { status, stderr } = release(name, conf);
      assert.equal(status, 1);
      assert.match(stderr, reason);
      assert.match(stderr, /It was not touched\..*make up, or make destroy/);
    });

  it("has nothing to check where `make cleanup` has removed everything", () => {
    assert.equal(release("wiki", undefined, { cleaned: true }).status, 0);
    assert.equal(release("wiki", "hostname: stranger\n", { cleaned: true }).status, 1);
  });
});
