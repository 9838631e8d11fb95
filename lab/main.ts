/** The lab's command line: `lab/lab COMMAND`; exec is in lab/lab itself. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { loadSchema } from "./schema/load";
import { down } from "./world/down";
import { faultCommand, type Counts } from "./world/fault-command";
import { addForward, apiPort, forwardsOf, sshPort } from "./world/forwards";
import { problemsOf } from "./world/health";
import { initOf } from "./world/host";
import { findPlace, LAB_FOLDER, logsOf, type Place } from "./world/place";
import { signal } from "./world/processes";
import { serve } from "./world/serve";
import { needServer, serverPid } from "./world/server-process";
import { hostsOf, nodesOf } from "./world/topology";
import { up } from "./world/up";
import { waitFor } from "./world/wait";

const USAGE = `usage: lab COMMAND [--name NAME] [--port-base PORT]   (else LAB_NAME, LAB_PORT_BASE)
  up [--nodes N] [--version V]  boot the lab, or repair what is down; a healthy lab is left alone
  down                      end the lab and remove all of it but the caches
  status [--json]           what runs, on which loopback ports
  exec HOST COMMAND…        run a command on a host (router, outside, lan-client, pve1, pve2 ...)
  logs [FILE]               last lines of a log: server (default), or HOST/SERVICE
  forward LOCALPORT HOST:PORT   a loopback port that leads to an address of the lab
  fault …                   let something go wrong on order: lab fault help`;

const progress = (line: string): void => {
  console.log(line);
};

function status(place: Place, problems: readonly string[]) {
  const key = readFileSync(path.join(LAB_FOLDER, "keys", "host.pub"), "utf8").trim();
  const api = `https://127.0.0.1:${apiPort(place)}`;
  return {
    name: place.name,
    version: place.version,
    healthy: problems.length === 0,
    problems,
    portBase: place.portBase,
    api,
    ssh: { host: "127.0.0.1", port: sshPort(place), hostKey: key.split(" ").slice(0, 2).join(" ") },
    forwards: forwardsOf(place),
    server: serverPid(place) ?? null,
    hosts: Object.fromEntries(
      hostsOf(place).map(({ name }) => [name, initOf(place, name) ?? null]),
    ),
    folder: place.folder,
    logs: logsOf(place),
  };
}

async function showStatus(place: Place, json: boolean): Promise<void> {
  const problems = await problemsOf(place);
  const state = status(place, problems);
  if (json) {
    console.log(JSON.stringify(state, undefined, 2));
  } else {
    console.log(
      `lab ${state.name}, Proxmox VE ${state.version}: ${state.healthy ? "healthy" : problems.join("; ")}`,
    );
    console.log(`  API      ${state.api}`);
    for (const { port, to } of state.forwards) console.log(`  forward  127.0.0.1:${port} -> ${to}`);
    console.log(`  host key ${state.ssh.hostKey}`);
    console.log(`  logs     ${state.logs}`);
  }
  if (!state.healthy) process.exitCode = 1;
}

/** Lines that `lab logs` shows. */
const LOG_LINES = 100;

function showLog(place: Place, file = "server"): void {
  const log = path.join(logsOf(place), `${file}.log`);
  console.log(`== ${log}`);
  console.log(readFileSync(log, "utf8").trimEnd().split("\n").slice(-LOG_LINES).join("\n"));
}

async function forward(place: Place, [port, to]: readonly string[]): Promise<void> {
  if (port === undefined || to === undefined) throw new Error(USAGE);
  const server = needServer(place);
  addForward(place, { port: Number(port), to });
  signal(server, "SIGHUP");
  await waitFor(`127.0.0.1:${port} to lead to ${to} (see lab logs)`, 5000, () =>
    readFileSync(path.join(logsOf(place), "server.log"), "utf8").includes(
      `forwarding 127.0.0.1:${port} to ${to}`,
    ),
  );
}

async function bringUp(place: Place): Promise<void> {
  const started = Date.now();
  // Fails now, not in the background, if the lab has no schema for this version.
  loadSchema(place.version);
  const changed = await up(place, progress);
  const took = ((Date.now() - started) / 1000).toFixed(1);
  progress(`Lab ${place.name} is ${changed ? "up" : "up already"} (${took} s)`);
  for (const node of nodesOf(place)) {
    const [api, ssh] = [apiPort(place, node), sshPort(place, node)];
    progress(`  ${node.name}: API https://127.0.0.1:${api}, SSH port ${ssh}`);
  }
}

async function takeDown(place: Place): Promise<void> {
  progress(`Lab ${place.name} ${(await down(place)) ? "is down" : "was not there"}`);
}

/** Options of a command. */
interface Options extends Counts {
  readonly json: boolean;
}

type Command = (place: Place, args: readonly string[], options: Options) => Promise<void> | void;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["up", bringUp],
  ["down", takeDown],
  ["status", (place, _args, { json }) => showStatus(place, json)],
  [
    "logs",
    (place, [file]) => {
      showLog(place, file);
    },
  ],
  ["forward", forward],
  ["fault", (place, words, counts) => faultCommand(place, words, counts, progress)],
  // Not for people: what lab up starts in the background.
  ["serve", serve],
]);

async function main(): Promise<void> {
  // A negative number is not an option but a fault's value, which always comes last.
  const isNegative = (word: string): boolean => /^-\d/.test(word);
  const words = process.argv.slice(2);
  const { values, positionals } = parseArgs({
    args: [...words.filter((word) => !isNegative(word)), "--", ...words.filter(isNegative)],
    allowPositionals: true,
    options: {
      name: { type: "string", default: process.env["LAB_NAME"] ?? "dev" },
      "port-base": { type: "string" },
      nodes: { type: "string" },
      version: { type: "string" },
      skip: { type: "string" },
      times: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const base = values["port-base"] ?? process.env["LAB_PORT_BASE"];
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  const place = findPlace(values.name, {
    portBase: number(base),
    nodes: number(values.nodes),
    version: values.version,
  });
  const run = COMMANDS.get(positionals[0] ?? "");
  if (run === undefined) {
    console.error(USAGE);
    process.exitCode = positionals[0] === "help" ? 0 : 2;
    return;
  }
  await run(place, positionals.slice(1), values);
}

// A reader that stops early, such as head, is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
main().catch((error: unknown) => {
  console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
  if (!isWrongFlag(error)) return;
  console.error(USAGE);
  process.exitCode = 2;
});

/** True for what parseArgs throws. */
function isWrongFlag(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")
  );
}
