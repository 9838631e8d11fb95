import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";

import { Sandbox } from "./sandbox";

const project = join(__dirname, "..", "..");

describe("your own pulumi 3 on PATH", function () {
  this.timeout(30_000);
  let sandbox: Sandbox;
  let server: Server | undefined;

  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.putPulumiOnPath();
  });
  afterEach(() => {
    sandbox.remove();
    server?.close();
    server = undefined;
  });

  const other = { STUB_VERSION: "3.300.0" };
  const get = (stack: string, more: Record<string, string> = other) =>
    sandbox.run("get.sh", [stack], more);

  /** Answers for the official archives, as where they can be reached. */
  async function serve(): Promise<void> {
    const answering = createServer((_, response) => response.end());
    server = answering;
    await new Promise<void>((resolve) => answering.listen(0, "127.0.0.1", resolve));
    const address = answering.address();
    assert.ok(address !== null && typeof address === "object");
    sandbox.releases = `http://127.0.0.1:${address.port}`;
  }

  /** Its plugins, as `pulumi plugin install` leaves them. */
  async function putPlugins(): Promise<void> {
    await serve();
    assert.equal((await get("home")).status, 0);
    server?.close();
    sandbox.releases = "http://127.0.0.1:9";
  }

  it("is used for a stack that is not the lab's: its plugins are fetched once, nothing is built", async () => {
    await serve();
    const first = await get("home");
    assert.equal(first.status, 0, first.output);
    assert.match(
      first.output,
      /fetching the official plugins[^]*extra\/pulumi \(v3\.300\.0\), with/,
    );
    server?.close();
    const second = await get("home");
    assert.equal(second.status, 0);
    assert.match(second.output, /^toolchain: \S+extra\/pulumi \(v3\.300\.0\), with .*\n$/);
    assert.deepEqual([sandbox.calls("go build"), sandbox.cached()], [0, []]);
  });

  it("is not used for the lab's stacks, nor where it is another pulumi than 3", async () => {
    await putPlugins();
    for (const [stack, version] of [
      ["dev", "3.300.0"],
      ["home", "2.25.2"],
    ] as const) {
      const { status, output } = await get(stack, { STUB_VERSION: version });
      assert.equal(status, 0, output);
      assert.match(output, /pulumi v.*\/cache\/proximity-lan/);
    }
  });

  it("is not used where its plugins cannot be installed: the reason is printed, and the engine built", async () => {
    const { output } = await get("home");
    assert.match(output, /extra\/pulumi lacks the plugins .*cannot be downloaded from here\n/);
    assert.ok(sandbox.calls("go build") > 0);
  });

  describe("works with", () => {
    /** The script's output in a copy of the project, whose state it may have. */
    async function env(stack: string, more: Record<string, string> = {}) {
      const copy = join(sandbox.folder, "project");
      cpSync(join(project, "toolchain"), join(copy, "toolchain"), { recursive: true });
      cpSync(join(project, "package.json"), join(copy, "package.json"));
      return sandbox.run(join(copy, "toolchain", "env.sh"), [stack], { ...other, ...more });
    }
    const write = (path: string, text: string) => {
      const file = join(sandbox.folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    const passphrase = { PULUMI_CONFIG_PASSPHRASE: "mine" };

    beforeEach(putPlugins);

    it("its own plugins, and the state in the project's folder", async () => {
      const { status, output } = await env("home", passphrase);
      assert.equal(status, 0, output);
      assert.doesNotMatch(output, /PATH=|PULUMI_HOME|ACQUISITION|AMBIENT/);
      assert.match(output, /^export PULUMI_BACKEND_URL=file:\/\/\S+\/project\/\.state$/m);
    });

    it("the backend that it is logged in to, unless the project's folder has the stack", async () => {
      write(".pulumi/credentials.json", '{\n    "current": "s3://states"\n}\n');
      const loggedIn = await env("home");
      assert.deepEqual(loggedIn, { status: 0, output: "export PULUMI_SKIP_UPDATE_CHECK=true\n" });
      const token = await env("home", { PULUMI_ACCESS_TOKEN: "pul-1" });
      assert.equal(token.output, loggedIn.output);
      write("project/.state/.pulumi/stacks/proximity-lan/home.json", "{}");
      assert.match((await env("home", passphrase)).output, /BACKEND_URL=file:\S+\.state/);
      rmSync(join(sandbox.folder, "project", ".state"), { recursive: true });
    });

    it("a passphrase, unless the stack is encrypted by a key service", async () => {
      const { status, output } = await env("home");
      assert.equal(status, 1);
      assert.match(output, /Set PULUMI_CONFIG_PASSPHRASE_FILE/);
      write("project/Pulumi.home.yaml", "secretsprovider: awskms://alias/home\nconfig: {}\n");
      assert.equal((await env("home")).status, 0);
    });
  });
});
