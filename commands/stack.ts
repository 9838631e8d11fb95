/** One stack as the commands see it: what is declared, and how to reach the node it is declared for. */
import { checkAccess } from "../model/access";
import { toLabel } from "../model/net";
import { describeProblems } from "../model/problem";
import { anyNode } from "../model/schema/node";
import { parseSite, siteOn, type DeclaredSite, type Site } from "../model/site";
import { readSource } from "../source-file";
import type { SshTarget } from "../ssh";
import { plainName, readConfiguration, type Configuration } from "./configuration";
import type { Api } from "./proxmox";
import { tryPulumi } from "./pulumi";

/** A stack whose declaration is valid; its secrets stay in memory. */
export interface Stack {
  readonly name: string;
  readonly site: Site;
  /** The tag of everything that this stack makes. */
  readonly tag: string;
  readonly api: Api;
  readonly ssh: SshTarget;
  readonly configuration: Configuration;
}

/** The key of the site in the configuration. */
export const siteKey = "proximity-lan:site";

/** Reads a stack's configuration; throws one error with everything that is wrong in it. */
export function readStack(name: string): Stack {
  const configuration = readConfiguration(name);
  const result = parseSite(siteIn(configuration), plainName(name), readSource);
  if (!result.ok) throw new Error(describeProblems("Invalid configuration", result.problems));
  const site = placed(result.site, name);
  const { host, port, hostKey } = site.node.ssh;
  const privateKey = valueIn(configuration, "proximity-lan:sshPrivateKey");
  return {
    name,
    site,
    tag: tagOf(name),
    api: apiIn(configuration),
    ssh: { host, port, hostKey, privateKey },
    configuration,
  };
}

/** The tag of everything that a stack makes. */
export function tagOf(stack: string): string {
  return `proximity-lan-${toLabel(plainName(stack))}`;
}

/** The site as it is written, its secrets decrypted. */
export function siteIn(configuration: Configuration): unknown {
  const value = configuration[siteKey]?.value;
  return value === undefined ? {} : JSON.parse(value);
}

/** Where the API is and who asks. */
export function apiIn(configuration: Configuration): Api {
  const endpoint = valueIn(configuration, "proxmoxve:endpoint");
  const token = valueIn(configuration, "proxmoxve:apiToken");
  const problems = checkAccess({ endpoint, apiToken: token });
  if (problems.length > 0) throw new Error(describeProblems("Invalid configuration", problems));
  return {
    endpoint,
    token,
    insecure: configuration["proxmoxve:insecure"]?.value === "true",
  };
}

function valueIn(configuration: Configuration, key: string): string {
  const value = configuration[key]?.value;
  if (value === undefined) throw new Error(`${key} is missing in the stack's configuration`);
  return value;
}

/**
 * Bytes of the environment variable in which Pulumi hands the configuration to the program: a JSON object
 * of strings, in which an object's own JSON is one string, under keys of three parts
 * (proximity-lan:config:site). Go writes some characters as six (encoding/json, HTMLEscape), which
 * JavaScript leaves as they are.
 */
export function configSize(configuration: Configuration): number {
  const texts = Object.entries(configuration).map(
    ([key, { value }]) => [key.replace(":", ":config:"), value] as const,
  );
  const json = JSON.stringify(Object.fromEntries(texts));
  const escaped = json.replace(/[<>&\u2028\u2029]/g, "\\u0000");
  return Buffer.byteLength(`PULUMI_CONFIG=${escaped}\0`);
}

/** The site on its node. Where the program chose the node, the last update recorded which. */
function placed(declared: DeclaredSite, stack: string): Site {
  const { name } = declared.node;
  const node = name === anyNode ? chosenNode(stack) : name;
  const site = siteOn(declared, node);
  if (site === undefined) throw new Error(`node.candidates does not say how ${node} is reached`);
  return site;
}

function chosenNode(stack: string): string {
  const { code, stdout, stderr } = tryPulumi(["stack", "output", "node", "--stack", stack]);
  if (code === 0) return stdout.trim();
  throw new Error(
    `node.name is ${anyNode}, and no update has recorded the node yet: ${stderr.trim()}. Set node.name to the node that you mean.`,
  );
}
