import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";

import { parse, stringify } from "yaml";

import { ProjectCopy, type StackFile } from "./support/project";

describe("offline, on the real engine", function () {
  this.timeout(240_000);
  let copy: ProjectCopy;
  let node: Server;
  /** How often somebody called where the node would be. */
  let calls = 0;

  before(async () => {
    node = createServer((socket) => {
      calls += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
    const address = node.address();
    assert.ok(address !== null && typeof address === "object");
    copy = new ProjectCopy();
    await copy.useStack("examples/platinum-small.yaml", address.port);
    set({ "proximity-lan:watch": "true", "proximity-lan:offline": "true" });
  });
  after(() => {
    copy.remove();
    node.close();
  });

  function set(keys: Readonly<Record<string, string>>): void {
    const file = parse(copy.read("Pulumi.dev.yaml")) as StackFile;
    const config = { ...file.config, ...keys };
    copy.write("Pulumi.dev.yaml", stringify({ ...file, config }, { lineWidth: 0 }));
  }

  it("previews without a single call, and lists in run and page what was not checked", async () => {
    const { code, output } = await copy.run("make", ["preview"]);
    assert.equal(code, 0, output);
    assert.equal(calls, 0);
    assert.match(output, /warning: Not checked, since the preview is offline: whether these VMIDs/);
    const page = copy.read("preview.md");
    assert.match(page, /^- App `web` is added: container 101 on pve1\.$/m);
    const list = /^### Not checked: the node was not asked\n\n((?:- .*\n)+)/m.exec(page)?.[1] ?? "";
    assert.equal(list.match(/^- /gm)?.length, 6, page);
    assert.match(list, /^- whether the node pve1 is online/m);
    assert.match(list, /^- whether these VMIDs are free or this stack's own: 100, 101, 102\.$/m);
    assert.match(list, /^- what was changed by hand/m);
    assert.doesNotMatch(page, /^### Warnings$/m);
  });

  it("refuses an update, and says how to get out of it", async () => {
    const up = ["up", "--yes", "--skip-preview", "--non-interactive"];
    const { code, output } = await copy.run("toolchain/pulumi", up);
    assert.notEqual(code, 0, output);
    assert.match(output, /an update cannot do without the node.*config rm proximity-lan:offline/);
    assert.equal(calls, 0);
  });

  it("is never taken up by itself: without the switch the same preview fails", async () => {
    set({ "proximity-lan:offline": "false" });
    const { code, output } = await copy.preview();
    assert.notEqual(code, 0, output);
    assert.match(output, /Unable to ask Proxmox for its nodes/);
    assert.ok(calls > 0);
  });
});
