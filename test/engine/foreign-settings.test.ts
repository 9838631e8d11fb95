import assert from "node:assert/strict";

import { memorySite, WATCHED, type MemorySite } from "../bench/support/memory-site";

const conf = "/etc/pve/nodes/pve1/lxc/201.conf";

/** What root may write into a container's file, each as one line. */
const lines = [
  "mp0: /srv/media,mp=/mnt/media",
  "mp1: local-lvm:9000/vm-9000-disk-0,mp=/data,backup=1",
  "dev0: /dev/dri/renderD128,mode=0660",
  "hookscript: local:snippets/hook.pl",
  "protection: 1",
  "console: 0",
  "cpulimit: 1.5",
  "cpuunits: 200",
  "startup: order=7,up=30",
  "lxc.apparmor.profile: unconfined",
];
/** What changes a line that is there. */
const changes: readonly (readonly [RegExp, string])[] = [
  [/^features: .*$/m, "features: nesting=1,keyctl=1,fuse=1"],
  [/^net0: (.*)$/m, "net0: $1,rate=12.5"],
  [/^tags: (.*)$/m, "tags: $1;mine"],
  [/(^rootfs: .*size=)\d+G/m, "$132G"],
];

describe("settings that somebody else gave a container", function () {
  this.timeout(400_000);
  let site: MemorySite;

  before(async () => {
    site = await memorySite(1);
    site.copy.write("Pulumi.dev.yaml", site.copy.read(WATCHED));
    const before = await read();
    const changed = changes.reduce((text, [from, to]) => {
      assert.match(text, from);
      return text.replace(from, to);
    }, before);
    await site.backend.writeFile("pve1", conf, `${changed.trimEnd()}\n${lines.join("\n")}\n`);
  });
  after(() => site.remove());

  const read = async () => (await site.backend.readFile("pve1", conf)) ?? "";
  const pulumi = (...args: readonly string[]) =>
    site.copy.must("toolchain/pulumi", [...args, "--stack", "dev", "--non-interactive"]);

  async function isKept(): Promise<void> {
    const text = await read();
    for (const line of lines) assert.ok(text.includes(`\n${line}\n`), `${line} is gone:\n${text}`);
    assert.match(text, /^features: nesting=1,keyctl=1,fuse=1$/m);
    assert.match(text, /^net0: .*rate=12.5/m);
    assert.match(text, /^tags: .*\bmine\b/m);
    assert.match(text, /^rootfs: .*size=32G/m);
  }

  it("make no preview with a refresh show a change", async () => {
    const said = await pulumi("preview", "--refresh", "--expect-no-changes");
    const [, listed = ""] = /Container 201 \(app-0\).*; they stay: (.*)/.exec(said) ?? [];
    for (const text of [...lines.slice(0, 6), "features: keyctl=1,fuse=1", "net0: rate=12.5"])
      assert.ok(listed.includes(text), `${text} is not listed:\n${said}`);
    assert.match(listed, /a disk larger than/);
  });

  it("stay when an update with a refresh changes what is declared", async () => {
    const { copy } = site;
    copy.edit({
      file: "Pulumi.dev.yaml",
      from: "      app-0:\n",
      to: "      app-0:\n        memory: 640\n        cores: 2\n",
    });
    const said = await pulumi("up", "--yes", "--skip-preview", "--refresh");
    assert.doesNotMatch(said, /ContainerLegacy app-0 .*replaced/);
    assert.match(await read(), /^memory: 640$/m);
    assert.match(await read(), /^cores: 2$/m);
    await isKept();
  });

  it("stay when an update without a refresh moves the app, once the state knows them", async () => {
    site.copy.edit({
      file: "Pulumi.dev.yaml",
      from: "        memory: 640\n",
      to: "        memory: 640\n        network: direct\n",
    });
    const said = await pulumi("up", "--yes", "--skip-preview");
    assert.doesNotMatch(said, /ContainerLegacy app-0 .*replaced/);
    const text = await read();
    assert.match(text, /^net0: .*bridge=vmbr0.*rate=12.5/m);
    await isKept();
  });

  it("may be a policy's business, but no reason to replace the container: it became privileged", async () => {
    const before = await read();
    await site.backend.writeFile("pve1", conf, before.replace("unprivileged: 1\n", ""));
    const { code, output } = await site.copy.preview("--refresh", "--stack", "dev");
    await site.backend.writeFile("pve1", conf, before);
    assert.notEqual(code, 0);
    assert.match(output, /\[mandatory\].*unprivileged .*ContainerLegacy: app-0/);
    assert.doesNotMatch(output, /replace/);
  });

  it("are no reason to leave a declared setting as somebody changed it", async () => {
    await site.backend.writeFile(
      "pve1",
      conf,
      (await read()).replace("memory: 640", "memory: 128"),
    );
    const said = await pulumi("up", "--yes", "--skip-preview", "--refresh");
    assert.match(said, /app-0 updated.*memory/);
    assert.match(await read(), /^memory: 640$/m);
    await isKept();
  });
});
