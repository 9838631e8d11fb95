import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { Server } from "ssh2";

import { installedToolchain } from "./installed";
import { SmokeProject } from "./project";

const key = (name: string) => readFileSync(join(__dirname, "../../lab/keys", name), "utf8").trim();

/** Marks a secret in a checkpoint, for Pulumi to read (sdk/go/common/resource/sig in pulumi/pulumi). */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

interface Resource {
  type: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}
interface Export {
  deployment: { resources: Resource[] };
}

/**
 * A state moves between the official command plugin and the one built here. The official one cannot be
 * had everywhere, so its form is taken from its source (pulumi-command v1.2.1, provider/pkg/provider/remote):
 * the connection is a secret (command.go), and in it each of three fields is one again (connection.go).
 */
describe("a state between the two command plugins", function () {
  this.timeout(180_000);
  let project: SmokeProject | undefined;
  const commands: string[] = [];
  const server = startServer(commands);
  const the = () => project ?? assert.fail("no project");

  before(async function () {
    if (installedToolchain()?.kind !== "built") {
      console.log("      skipped: the command plugin is not built here; run toolchain/get.sh");
      this.skip();
    }
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    project = new SmokeProject();
    await project.init();
    const { port } = server.address() as AddressInfo;
    const declared = { port, hostKey: key("host-ed25519.pub"), privateKey: key("client") };
    await project.succeed("config", "set", "--secret", "server", JSON.stringify(declared));
    await project.succeed("up", "--yes", "--skip-preview");
    assert.deepEqual(commands, ["cat"]);
  });
  after(() => {
    project?.remove();
    server.close();
  });

  const exported = async (): Promise<Export> =>
    JSON.parse(await the().succeed("stack", "export", "--show-secrets")) as Export;
  const remoteOf = ({ deployment }: Export): Resource =>
    deployment.resources.find(({ type }) => type === "command:remote:Command") ?? assert.fail();

  const officialConnection = () => {
    const { port } = server.address() as AddressInfo;
    return {
      dialErrorLimit: 1,
      host: "127.0.0.1",
      hostKey: key("host-ed25519.pub"),
      perDialTimeout: 15,
      port,
      privateKey: secret(key("client")),
      user: "root",
    };
  };

  it("is written here as the official plugin writes it", async () => {
    const rest = {
      addPreviousOutputInEnv: false,
      connection: secret(officialConnection()),
      create: "cat",
      delete: "true",
      logging: "stderr",
      stdin: "hello",
      triggers: ["first"],
    };
    const { inputs, outputs } = remoteOf(await exported());
    assert.deepEqual(inputs, rest);
    assert.deepEqual(outputs, { ...rest, stdout: "hello", stderr: "" });
  });

  it("of the official plugin is continued without a change, and no script runs again", async () => {
    const state = await exported();
    const official = remoteOf(state);
    for (const values of [official.inputs, official.outputs])
      values["connection"] = secret(officialConnection());
    await imported(state);
    await the().succeed("preview", "--expect-no-changes");
    await the().succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
    assert.deepEqual(commands, ["cat"]);
  });

  it("without the official marks would change, so the lines above mean something", async () => {
    const state = await exported();
    const unmarked = remoteOf(state);
    for (const values of [unmarked.inputs, unmarked.outputs])
      values["connection"] = secret({ ...officialConnection(), privateKey: key("client") });
    await imported(state);
    const { code, output } = await the().pulumi("preview", "--diff", "--expect-no-changes");
    assert.notEqual(code, 0);
    assert.match(output, /~ connection/);
  });

  async function imported(state: Export): Promise<void> {
    const file = join(the().folder, "state.json");
    writeFileSync(file, JSON.stringify(state));
    await the().succeed("stack", "import", "--file", file);
  }
});

/** Answers each command with its stdin and the code 0, and keeps the commands. */
function startServer(commands: string[]): Server {
  return new Server({ hostKeys: [key("host"), key("host-ed25519")] }, (client) => {
    client
      .on("authentication", (context) => {
        if (context.method === "publickey") context.accept();
        else context.reject(["publickey"]);
      })
      .on("session", (accept) => {
        accept().on("exec", (acceptExec, _, { command }) => {
          commands.push(command);
          const channel = acceptExec();
          channel.on("data", (part: Buffer) => channel.write(part));
          channel.on("end", () => {
            channel.exit(0);
            channel.end();
          });
        });
      })
      .on("error", () => undefined);
  });
}
