/**
 * Sites of any number of apps without a node: the API is the memory lab, and SSH a stand-in that answers
 * at once that all is well. What a node and its guests take comes on top of what is measured here.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { utils, Server, type ServerChannel } from "ssh2";
import { parse, stringify } from "yaml";
import { z } from "zod";

import type { MemoryBackend } from "../../../lab/backend/memory-backend";
import { startMemoryLab } from "../../lab/support/memory-lab";
import { ProjectCopy, type StackFile } from "../../engine/support/project";

const FIRST = 201;

/** A site that stands, in a copy of the project of its own. */
export interface MemorySite {
  readonly copy: ProjectCopy;
  readonly backend: MemoryBackend;
  /** Resources in its state. */
  readonly resources: number;
  /** Writes a declaration of so many apps; the next update builds it. */
  declare(apps: number): void;
  remove(): Promise<void>;
}

/** The configuration with which previews look for what was changed by hand; without it they do not. */
export const WATCHED = "Pulumi.watched.yaml";

/** Hears of each call that may change the node: a request that is no GET, and a command by SSH. */
export type OnCall = (what: string) => void;

/** Brings up a site with so many apps: about a second for each. */
export async function memorySite(
  apps: number,
  onCall: OnCall = () => undefined,
): Promise<MemorySite> {
  const memory = await startMemoryLab({
    log: (line) => {
      if (/^(POST|PUT|DELETE) /.test(line)) onCall(line);
    },
  });
  // What bridge.sh would have done by SSH.
  const stanza = "auto proximity-lan\niface proximity-lan inet manual\n\tbridge-ports none\n";
  await memory.backend.writeFile("pve1", "/etc/network/interfaces.d/proximity-lan", stanza);
  await memory.backend.reloadNetwork("pve1");
  const key = utils.generateKeyPairSync("ecdsa", { bits: 256 });
  const copy = new ProjectCopy();
  await copy.useStack("examples/platinum-small.yaml", memory.port);
  const { server, port } = await serve(key.private, memory.backend, onCall);
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
    backend: memory.backend,
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

const lxc = "/etc/pve/nodes/pve1/lxc";

const numbers = (apps: number) => Array.from({ length: apps }, (_, index) => index);

/** What the stand-in says to a call: the observation of a script, or that nothing was changed by hand. */
async function answer(call: Call, backend: MemoryBackend): Promise<Answer> {
  const { command, stdin } = call;
  // Its bundle has guests.sh in it as well.
  if (stdin.includes("guest/vmids")) {
    const guests = await onCopies(backend, ["lib.sh", "guests.sh"], command);
    const listed = guests.output.replaceAll(/^/gm, "guests\t");
    return { output: `${await lookAt(backend)}${listed}\n`, code: 0 };
  }
  if (stdin.includes("export program=guests.sh"))
    return onCopies(backend, ["lib.sh", "guests.sh"], command);
  if (/^bash -s -- (release|leave) /.test(command))
    return onCopies(backend, ["lib.sh", "guest.sh"], command);
  const calls = `${command}\n${stdin.slice(0, 1000)}`;
  return { output: observation(calls), code: 0 };
}

function observation(calls: string): string {
  if (calls.includes("appliance-services.sh"))
    return '{"wanAddress":"192.168.1.20","lanAddress":"10.20.0.1"}\n';
  if (calls.includes("app.sh"))
    return '{"address":"10.20.0.120","listening":true,"publicAddress":"","publicMac":""}\n';
  return calls.includes(" guest.sh ")
    ? '{"address":"10.20.0.121","publicAddress":"","publicMac":"","openPorts":[]}\n'
    : "";
}

/** As scripts/node/look.sh: the settings of each container, and that every script left its mark. */
async function lookAt(backend: MemoryBackend): Promise<string> {
  const names = (await backend.listFiles("pve1", lxc)).filter((name) => name.endsWith(".conf"));
  const parts = names.map(async (name) => {
    const vmid = name.replace(".conf", "");
    const scripts = ["appliance-packages.sh", "appliance-secrets.sh", "appliance-services.sh"];
    return [
      ...(await ownSection(backend, vmid)).map((line) => `${vmid}\tsetting\t${line}\n`),
      ...[...scripts, "app.sh", "guest.sh"].map((script) => `${vmid}\tscript\t${script}\n`),
      `${vmid}\tend\t\n`,
    ].join("");
  });
  return (await Promise.all(parts)).join("");
}

/** Runs scripts as the node does, on copies of its configurations; every container runs. */
async function onCopies(
  backend: MemoryBackend,
  files: readonly string[],
  command: string,
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), "memory-site-"));
  try {
    mkdirSync(join(folder, "pve1", "lxc"), { recursive: true });
    for (const name of await backend.listFiles("pve1", lxc)) {
      const text = (await backend.readFile("pve1", `${lxc}/${name}`)) ?? "";
      writeFileSync(join(folder, "pve1", "lxc", name), text);
    }
    const scripts = files.map((file) =>
      readFileSync(join(__dirname, "..", "..", "..", "scripts", "node", file), "utf8")
        .replaceAll("/etc/pve/lxc", join(folder, "pve1", "lxc"))
        .replaceAll("/etc/pve/nodes", folder),
    );
    const { status, stdout, stderr } = spawnSync("bash", ["-c", command], {
      input: ["hostname() { echo pve1; }", "lxc-info() { echo $PPID; }", ...scripts].join("\n"),
      encoding: "utf8",
    });
    return { output: status === 0 ? stdout : stderr, code: status ?? 1 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The settings of a guest that are in force, as scripts/node/look.sh lists them. */
async function ownSection(backend: MemoryBackend, vmid: string): Promise<readonly string[]> {
  const text = (await backend.readFile("pve1", `${lxc}/${vmid}.conf`)) ?? "";
  const [own = ""] = text.split(/^\[/m);
  return own.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

interface Call {
  readonly command: string;
  readonly stdin: string;
}

/** Of a script: what it printed, on stdout when it ended well. */
interface Answer {
  readonly output: string;
  readonly code: number;
}

async function serve(hostKey: string, backend: MemoryBackend, onCall: OnCall) {
  const server = new Server({ hostKeys: [hostKey] }, (client) => {
    client.on("authentication", (context) => {
      context.accept();
    });
    client.on("error", () => undefined); // A client that leaves without a word is no error of ours.
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _, { command }) => {
        onCall(command);
        respond(acceptExec(), (stdin) => answer({ command, stdin }, backend));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

function respond(channel: ServerChannel, reply: (stdin: string) => Promise<Answer>): void {
  let stdin = "";
  channel.on("data", (part: Buffer) => (stdin += part.toString("utf8")));
  channel.on("end", () => {
    void reply(stdin).then(({ output, code }) => {
      (code === 0 ? channel : channel.stderr).write(output);
      channel.exit(code);
      channel.end();
    });
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
