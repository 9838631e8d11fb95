/**
 * `make bench-drift`: a preview of 50 apps with --refresh, with and without the look at what was changed by
 * hand, side by side in one run. The node's API is the memory lab; its SSH is a stand-in that answers at
 * once that all is well, so the figure is what the look costs here: the program that asks, the session and
 * the reading of the answer. What a node and 50 guests take to answer comes on top.
 */
import { utils, Server, type ServerChannel } from "ssh2";
import { dump, load } from "js-yaml";

import { startMemoryLab } from "../lab/support/memory-lab";
import { ProjectCopy, type StackFile } from "../engine/support/project";

const apps = 50;
const runs = 7;
const first = 201;
const numbers = Array.from({ length: apps }, (_, index) => index);

/** What the stand-in says to a call: the observation of a script, or that nothing was changed by hand. */
function answer(command: string, stdin: string): string {
  if (stdin.includes("guest/vmids")) {
    const guest = (vmid: number, scripts: readonly string[]) =>
      [...scripts.map((script) => `${vmid}\tscript\t${script}\n`), `${vmid}\tend\t\n`].join("");
    const appliance = ["appliance-packages.sh", "appliance-secrets.sh", "appliance-services.sh"];
    return guest(100, appliance) + numbers.map((n) => guest(first + n, ["app.sh"])).join("");
  }
  const calls = `${command}\n${stdin.slice(0, 1000)}`;
  if (calls.includes("appliance-services.sh"))
    return '{"wanAddress":"192.168.1.20","lanAddress":"10.20.0.1"}\n';
  if (calls.includes("app.sh"))
    return '{"address":"10.20.0.120","listening":true,"publicAddress":"","publicMac":""}\n';
  return "";
}

/** Serves it on a free port of loopback. */
async function serve(hostKey: string): Promise<number> {
  const server = new Server({ hostKeys: [hostKey] }, (client) => {
    client.on("authentication", (context) => {
      context.accept();
    });
    client.on("error", () => undefined); // A client that leaves without a word is no error of ours.
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _, { command }) => {
        respond(acceptExec(), command);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

function respond(channel: ServerChannel, command: string): void {
  let stdin = "";
  channel.on("data", (part: Buffer) => (stdin += part.toString("utf8")));
  channel.on("end", () => {
    channel.write(answer(command, stdin));
    channel.exit(0);
    channel.end();
  });
}

function declare(text: string, port: number, hostKey: string): string {
  const stack = load(text) as StackFile;
  const site = stack.config["proximity-lan:site"] as Record<string, unknown>;
  site["node"] = { name: "pve1", ssh: { host: "127.0.0.1", port, hostKey } };
  site["apps"] = Object.fromEntries(
    numbers.map((n) => [`app-${n}`, { vmid: first + n, services: ["app"] }]),
  );
  stack.config["proximity-lan:watch"] = "true";
  return dump(stack, { lineWidth: -1 });
}

const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? 0;

async function main(): Promise<void> {
  const { port, backend } = await startMemoryLab();
  // What bridge.sh would have done by SSH.
  const stanza = "auto proximity-lan\niface proximity-lan inet manual\n\tbridge-ports none\n";
  await backend.writeFile("pve1", "/etc/network/interfaces.d/proximity-lan", stanza);
  await backend.reloadNetwork("pve1");
  const key = utils.generateKeyPairSync("ecdsa", { bits: 256 });
  const copy = new ProjectCopy();
  await copy.useStack("examples/platinum-small.yaml", port);
  const ssh = await serve(key.private);
  copy.write("Pulumi.dev.yaml", declare(copy.read("Pulumi.dev.yaml"), ssh, key.public.trim()));
  console.error(`making ${apps} apps (about a minute)`);
  await copy.must("toolchain/pulumi", ["up", "--yes", "--skip-preview", "--stack", "dev"]);
  const took = { with: [] as number[], without: [] as number[] };
  for (let run = 0; run < runs; run++)
    for (const which of ["with", "without"] as const) {
      const watch = `proximity-lan:watch: "${String(which === "with")}"`;
      copy.write(
        "Pulumi.dev.yaml",
        copy.read("Pulumi.dev.yaml").replace(/proximity-lan:watch: .*/, watch),
      );
      const started = performance.now();
      const words = ["preview", "--refresh", "--expect-no-changes", "--stack", "dev"];
      await copy.must("toolchain/pulumi", words);
      took[which].push(performance.now() - started);
      console.error(`${which} the look: ${Math.round(took[which].at(-1) ?? 0)} ms`);
    }
  const [watched, plain] = [took.with, took.without].map((list) => list.sort((a, b) => a - b));
  const spread = (list: readonly number[] = []) =>
    `${Math.round(list[0] ?? 0)} to ${Math.round(list.at(-1) ?? 0)}, median ${Math.round(median(list))} ms`;
  console.log(`preview --refresh of ${apps} apps, ${runs} runs each, in turns`);
  console.log(`  with the look     ${spread(watched)}`);
  console.log(`  without           ${spread(plain)}`);
  console.log(`  ratio of medians  ${(median(watched ?? []) / median(plain ?? [])).toFixed(2)}`);
  copy.remove();
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
