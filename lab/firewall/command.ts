/** Proxmox's `pve-firewall` on a node: what it prints, and where (docs/proxmox/firewall.md 4). */
import type { Backend } from "../backend/backend";
import { parseFirewall } from "../pve/firewall/file";
import { compile, digestOf, NO_RULES, type Compiled } from "./compile";
import { LOADED, problemText } from "./daemon";
import { localNetwork } from "./local-network";
import { readNodeFiles } from "./node-files";

/** What a command says on its two streams, and its exit code. */
export interface CommandSaid {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type NodeReader = Pick<Backend, "readFile" | "listFiles">;

const changed = ({ ruleset }: Compiled, loaded: string | undefined): boolean =>
  digestOf(ruleset) !== (loaded?.trim() ?? digestOf(NO_RULES));

/** Bad lines go to stderr and end nothing: the exit code is 0 all the same. */
const warnings = ({ problems }: Compiled): string =>
  problems.map((problem) => `${problemText(problem)}\n`).join("");

async function compiled(backend: NodeReader, node: string): Promise<CommandSaid> {
  const result = compile(node, await readNodeFiles(backend, node));
  const { ruleset, enabled } = result;
  const stdout = [
    `ipset cmdlist:\n${ruleset.ipset}`,
    `\niptables cmdlist:\n${ruleset.iptables}`,
    `\nip6tables cmdlist:\n${ruleset.ip6tables}`,
    `\nebtables cmdlist:\n${ruleset.bridge}`,
    changed(result, await backend.readFile(node, LOADED)) ? "detected changes\n" : "no changes\n",
    enabled ? "" : "firewall disabled\n",
  ].join("");
  return { code: 0, stdout, stderr: warnings(result) };
}

async function status(backend: NodeReader, node: string): Promise<CommandSaid> {
  const result = compile(node, await readNodeFiles(backend, node));
  const pending = changed(result, await backend.readFile(node, LOADED));
  const word = result.enabled ? "enabled" : "disabled";
  const stdout = `Status: ${word}/running${pending ? " (pending changes)" : ""}\n`;
  return { code: 0, stdout, stderr: warnings(result) };
}

async function localnet(backend: NodeReader, node: string): Promise<CommandSaid> {
  const files = await readNodeFiles(backend, node);
  const cluster = parseFirewall(files.get("/etc/pve/firewall/cluster.fw") ?? "", "cluster");
  const local = localNetwork(files.get("/etc/network/interfaces") ?? "", cluster);
  const origin = cluster.aliases.some(({ name }) => name === "local_network")
    ? "user defined"
    : "detected";
  const stdout = [
    `local hostname: ${node}`,
    `local IP address: ${local.address}`,
    `network auto detect: ${local.detected}`,
    `using ${origin} local_network: ${local.network}`,
    "",
  ].join("\n");
  return { code: 0, stdout, stderr: "" };
}

const VERBS: ReadonlyMap<string, (backend: NodeReader, node: string) => Promise<CommandSaid>> =
  new Map([
    ["compile", compiled],
    ["localnet", localnet],
    ["status", status],
  ]);

/** Verbs of the real command that the lab does not have; it reports that instead of pretending. */
const REAL_VERBS: ReadonlySet<string> = new Set(["restart", "simulate", "start", "stop"]);

/** Runs one `pve-firewall` command line (without the command itself) on a node. */
export async function runPveFirewall(
  backend: NodeReader,
  node: string,
  args: readonly string[],
): Promise<CommandSaid> {
  const [name = "help", ...rest] = args;
  const verb = VERBS.get(name);
  if (verb === undefined && REAL_VERBS.has(name)) {
    const stderr = `pve-firewall ${name}: not implemented in the lab\n`;
    return { code: 255, stdout: "", stderr };
  }
  if (verb === undefined) {
    const known = [...VERBS.keys()].join(", ");
    const stderr = `ERROR: unknown command 'pve-firewall ${name}' (the lab knows ${known})\n`;
    return { code: 255, stdout: "", stderr };
  }
  if (rest.length > 0) {
    return { code: 255, stdout: "", stderr: `400 too many arguments\npve-firewall ${name}\n` };
  }
  return verb(backend, node);
}
