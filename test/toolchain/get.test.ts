import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import { pinned, Sandbox } from "./sandbox";

const builds = 5; // pulumi, language host, command, schemagen, proxmoxve

describe("toolchain/get.sh", function () {
  this.timeout(30_000);
  let sandbox: Sandbox;
  let server: Server | undefined;

  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => {
    sandbox.remove();
    server?.close();
    server = undefined;
  });

  const order = (fault: string, content = "") => {
    writeFileSync(join(sandbox.faults, fault), content);
  };
  const get = (more: Record<string, string> = {}) => sandbox.run("get.sh", [], more);
  const until = async (what: string, condition: () => boolean) => {
    for (const limit = Date.now() + 10_000; !condition();) {
      assert.ok(Date.now() < limit, `waited 10 s for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it("builds once; then it is there at once, and says so in one line", async () => {
    const first = await get();
    assert.equal(first.status, 0, first.output);
    assert.match(first.output, /==> 1\/5: pulumi, usually 6 minutes\n/);
    assert.equal(sandbox.calls("go build"), builds);

    const started = Date.now();
    const second = await get();
    assert.ok(Date.now() - started < 1000, `took ${Date.now() - started} ms`);
    assert.match(second.output, /^toolchain: pulumi v[0-9.]+, .*\(built\): \/.*\n$/);
    assert.equal(sandbox.calls("go build"), builds);
  });

  it("leaves Pulumi no folder for its logs, and takes away one that is there", async () => {
    await get();
    const { output } = await sandbox.run("get.sh", ["--where"]);
    const logs = join(output.trim(), "home", "logs");
    assert.equal(readFileSync(logs, "utf8"), "");
    rmSync(logs);
    mkdirSync(logs);
    writeFileSync(join(logs, "pulumi.log"), "");
    await get();
    assert.equal(readFileSync(logs, "utf8"), "");
  });

  it("--where gets nothing", async () => {
    assert.deepEqual(await sandbox.run("get.sh", ["--where"]), { status: 1, output: "" });
    await get();
    const { status, output } = await sandbox.run("get.sh", ["--where"]);
    assert.equal(status, 0);
    assert.equal(readFileSync(join(output.trim(), "kind"), "utf8"), "built\n");
  });

  it("leaves nothing usable behind when killed, and builds anew", async () => {
    order("hang");
    const killed = sandbox.start("get.sh");
    await until("the build to hang", () => existsSync(join(sandbox.faults, "forever")));
    killed.kill();
    await killed.ended;
    assert.equal((await sandbox.run("get.sh", ["--where"])).status, 1);
    const next = await get();
    assert.equal(next.status, 0, next.output);
    assert.equal(sandbox.cached().length, 1, "the half build is still there");
  });

  it("builds once when two run at once", async () => {
    const [one, two] = await Promise.all([get(), get()]);
    assert.deepEqual([one.status, two.status], [0, 0], one.output + two.output);
    assert.match(one.output + two.output, /another run is at it: waiting/);
    assert.equal(sandbox.calls("go build"), builds);
  });

  it("compiles again only what has changed since an earlier build", async () => {
    await get();
    const { output: installed } = await sandbox.run("get.sh", ["--where"]);
    rmSync(installed.trim(), { recursive: true });
    const again = await get();
    assert.equal(again.status, 0, again.output);
    assert.match(again.output, /==> 1\/5: pulumi, unchanged since an earlier build\n/);
    assert.equal(sandbox.calls("go build"), builds);

    // Another release of Go counts as a change.
    rmSync(installed.trim(), { recursive: true });
    const newer = await get({ STUB_GO: "1.99.0" });
    assert.equal(newer.status, 0, newer.output);
    assert.equal(sandbox.calls("go build"), 2 * builds);
  });

  it("fetches modules again after a failure, with longer pauses", async () => {
    order("list", "\n\n");
    const { status, output } = await get();
    assert.equal(status, 0, output);
    assert.match(output, /connection reset\n.*fetching modules failed \(2 of 4\)/);
    assert.deepEqual([sandbox.calls("sleep 5"), sandbox.calls("sleep 10")], [1, 1]);
  });

  it("gives up after four failures, and says what to check", async () => {
    order("list", "\n\n\n\n");
    const { status, output } = await get();
    assert.equal(status, 1);
    assert.match(output, /cannot fetch the Go modules of .*toolchain\/cli; check the network/);
    assert.equal(sandbox.calls("go build"), 0);
  });

  it("fails with the compiler's words when the code does not compile", async () => {
    order("build");
    const { status, output } = await get();
    assert.equal(status, 1);
    assert.match(output, /main.go:1:1: it does not compile/);
    assert.equal((await sandbox.run("get.sh", ["--where"])).status, 1);
  });

  it("takes the official archive and the official plugins when they can be had", async () => {
    await serveArchive();
    const { status, output } = await get();
    assert.equal(status, 0, output);
    assert.match(output, /\(official\)/);
    assert.equal(sandbox.calls("go build"), 0);
    const env = await sandbox.run("env.sh", ["dev"]);
    assert.doesNotMatch(env.output, /PULUMI_IGNORE_AMBIENT_PLUGINS/);
  });

  it("builds when the official plugins cannot be had", async () => {
    await serveArchive();
    order("plugins");
    // The stub of the built pulumi refuses plugins as well: what counts is that a build was begun.
    const { output } = await get();
    assert.match(output, /the official archives cannot be had from here: building/);
    assert.equal(sandbox.calls("go build"), builds);
  });

  it("takes a pulumi of the pinned version on PATH, and no longer when it has another one", async () => {
    await serveArchive();
    sandbox.putPulumiOnPath();
    const { status, output } = await get();
    assert.equal(status, 0, output);
    assert.match(output, /\(path\)/);
    assert.equal((await sandbox.run("get.sh", ["--where"])).status, 0);
    const upgraded = await sandbox.run("get.sh", ["--where"], { STUB_VERSION: "99.0.0" });
    assert.equal(upgraded.status, 1);
  });

  it("gives the wrapper an environment that the caller's own settings outrank", async () => {
    await get();
    const plain = await sandbox.run("env.sh", ["dev"]);
    assert.match(plain.output, /export PULUMI_BACKEND_URL=file:\/\/.*\/\.state\n/);
    assert.match(plain.output, /export PULUMI_CONFIG_PASSPHRASE=lab\n/);
    assert.match(plain.output, /export PULUMI_IGNORE_AMBIENT_PLUGINS=true\n/);
    const own = await sandbox.run("env.sh", [], {
      PULUMI_BACKEND_URL: "file:///elsewhere",
      PULUMI_CONFIG_PASSPHRASE: "",
    });
    assert.doesNotMatch(own.output, /BACKEND_URL|PASSPHRASE/);
    const version = await sandbox.run("pulumi", ["version"]);
    assert.deepEqual(version, { status: 0, output: `v${pinned}\n` });
  });

  it("gives the lab's passphrase to the lab's stack alone, and says what another needs", async () => {
    await get();
    for (const words of [[], ["home"]]) {
      const { status, output } = await sandbox.run("env.sh", words);
      assert.equal(status, 1);
      assert.match(output, /a passphrase of its own.*Set PULUMI_CONFIG_PASSPHRASE_FILE/);
      assert.doesNotMatch(output, /PASSPHRASE=lab/);
    }
    for (const words of [["-s", "home"], ["--stack=home"], ["up", "--stack", "home"]])
      assert.equal((await sandbox.run("pulumi", words)).status, 1);
    for (const lab of ["dev", "phoenix"])
      assert.match((await sandbox.run("env.sh", [lab])).output, /PASSPHRASE=lab$/m);
    const none = await sandbox.run("env.sh", ["-"]);
    assert.equal(none.status, 0);
    assert.doesNotMatch(none.output, /PASSPHRASE/);
    const own = { PULUMI_CONFIG_PASSPHRASE_FILE: "/dev/null" };
    assert.equal((await sandbox.run("env.sh", [], own)).status, 0);
  });

  /** Serves an archive laid out as the official one is. */
  async function serveArchive(): Promise<void> {
    const folder = join(sandbox.folder, "archive/pulumi");
    mkdirSync(folder, { recursive: true });
    cpSync(join(__dirname, "stubs/pulumi.sh"), join(folder, "pulumi"));
    const { stdout, status } = spawnSync("tar", ["-cz", "-C", join(folder, ".."), "pulumi"]);
    assert.equal(status, 0);
    const archive = new RegExp(`^/pulumi-v${pinned}-linux-(x64|arm64)\\.tar\\.gz$`);
    const serving = createServer((request, response) => {
      response.statusCode = archive.test(request.url ?? "") ? 200 : 404;
      response.end(response.statusCode === 200 && request.method === "GET" ? stdout : undefined);
    });
    server = serving;
    await new Promise<void>((resolve) => serving.listen(0, "127.0.0.1", resolve));
    const address = serving.address();
    assert.ok(address !== null && typeof address === "object");
    sandbox.releases = `http://127.0.0.1:${address.port}`;
  }
});
