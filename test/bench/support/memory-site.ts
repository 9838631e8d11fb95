/**
 * Sites of any number of apps without a node: the API is the memory lab, and SSH a stand-in that answers
 * at once that all is well. What a node and its guests take comes on top of what is measured here.
 */
import { utils, Server, type ServerChannel } from "ssh2";
import { parse, stringify } from "yaml";
import { z } from "zod";

import { startMemoryLab } from "../../lab/support/memory-lab";
import { ProjectCopy, type StackFile } from "../../engine/support/project";

const FIRST = 201;

/** A site that stands, in a copy of the project of its own. */
export interface MemorySite {
  readonly copy: ProjectCopy;
  /** Resources in its state. */
  readonly resources: number;
  /** Writes a declaration of so many apps; the next update builds it. */
  declare(apps: number): void;
  remove(): Promise<void>;
}

/** The configuration with which previews look for what was changed by hand; without it they do not. */
export const WATCHED = "Pulumi.watched.yaml";

/** Brings up a site with so many apps: about a second for each. */
export async function memorySite(apps: number): Promise<MemorySite> {
  const memory = await startMemoryLab();
  // What bridge.sh would have done by SSH.
  const stanza = "auto proximity-lan\niface proximity-lan inet manual\n\tbridge-ports none\n";
  await memory.backend.writeFile("pve1", "/etc/network/interfaces.d/proximity-lan", stanza);
  await memory.backend.reloadNetwork("pve1");
  const key = utils.generateKeyPairSync("ecdsa", { bits: 256 });
  const copy = new ProjectCopy();
  await copy.useStack("examples/platinum-small.yaml", memory.port);
  const { server, port } = await serve(key.private, apps);
  const hostKey = key.public.trim();
  const declareApps = (wanted: number) => {
    const text = declare(copy.read("Pulumi.dev.yaml"), { apps: wanted, port, hostKey });
    copy.write("Pulumi.dev.yaml", text);
    copy.write(WATCHED, text.replace(/proximity-lan:watch: .*/, 'proximity-lan:watch: "true"'));
  };
  declareApps(apps);
  await copy.must("toolchain/pulumi", ["up", "--yes", "--skip-preview", "--stack", "dev"]);
  return {
    copy,
    resources: await resourcesOf(copy),
    declare: declareApps,
    remove: async () => {
      server.close();
      await memory.lab.close();
      copy.remove();
    },
  };
}

const Exported = z.object({ deployment: z.object({ resources: z.array(z.unknown()) }) });

async function resourcesOf(copy: ProjectCopy): Promise<number> {
  const state = await copy.must("toolchain/pulumi", ["stack", "export", "--stack", "dev"]);
  return Exported.parse(JSON.parse(state)).deployment.resources.length;
}

const numbers = (apps: number) => Array.from({ length: apps }, (_, index) => index);

/** What the stand-in says to a call: the observation of a script, or that nothing was changed by hand. */
function answer(command: string, stdin: string, apps: number): string {
  if (stdin.includes("guest/vmids")) {
    const guest = (vmid: number, scripts: readonly string[]) =>
      [...scripts.map((script) => `${vmid}\tscript\t${script}\n`), `${vmid}\tend\t\n`].join("");
    const appliance = ["appliance-packages.sh", "appliance-secrets.sh", "appliance-services.sh"];
    const each = numbers(apps).map((n) => guest(FIRST + n, ["app.sh"]));
    return guest(100, appliance) + each.join("");
  }
  const calls = `${command}\n${stdin.slice(0, 1000)}`;
  if (calls.includes("appliance-services.sh"))
    return '{"wanAddress":"192.168.1.20","lanAddress":"10.20.0.1"}\n';
  if (calls.includes("app.sh"))
    return '{"address":"10.20.0.120","listening":true,"publicAddress":"","publicMac":""}\n';
  return "";
}

async function serve(hostKey: string, apps: number) {
  const server = new Server({ hostKeys: [hostKey] }, (client) => {
    client.on("authentication", (context) => {
      context.accept();
    });
    client.on("error", () => undefined); // A client that leaves without a word is no error of ours.
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _, { command }) => {
        respond(acceptExec(), command, apps);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

function respond(channel: ServerChannel, command: string, apps: number): void {
  let stdin = "";
  channel.on("data", (part: Buffer) => (stdin += part.toString("utf8")));
  channel.on("end", () => {
    channel.write(answer(command, stdin, apps));
    channel.exit(0);
    channel.end();
  });
}

function declare(
  text: string,
  { apps, port, hostKey }: { apps: number; port: number; hostKey: string },
): string {
  const stack = parse(text) as StackFile;
  const site = stack.config["proximity-lan:site"] as Record<string, unknown>;
  site["node"] = { name: "pve1", ssh: { host: "127.0.0.1", port, hostKey } };
  site["apps"] = Object.fromEntries(
    numbers(apps).map((n) => [`app-${n}`, { vmid: FIRST + n, services: ["app"] }]),
  );
  stack.config["proximity-lan:watch"] = "false";
  return stringify(stack, { lineWidth: 0 });
}
