/** One stack as the commands see it: what is declared, and how to reach the node it is declared for. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { load } from "js-yaml";
import { z } from "zod";

import { toLabel } from "../model/net";
import { describeProblems } from "../model/problem";
import { anyNode } from "../model/schema/node";
import { parseSite, siteOn, type DeclaredSite, type Site } from "../model/site";
import { readSource } from "../source-file";
import type { SshTarget } from "../ssh";
import type { Api } from "./proxmox";
import { project, pulumi } from "./pulumi";

/** A stack whose declaration is right; its secrets stay in memory. */
export interface Stack {
  readonly name: string;
  readonly site: Site;
  /** The tag of everything that this stack makes. */
  readonly tag: string;
  readonly api: Api;
  readonly ssh: SshTarget;
  /** Bytes of the environment variable in which Pulumi hands the configuration to the program. */
  readonly configSize: () => number;
}

const fileShape = z.object({ config: z.record(z.string(), z.unknown()).default({}) });
const decryptedShape = z.record(z.string(), z.object({ value: z.string().optional() }));
type Decrypted = Readonly<z.output<typeof decryptedShape>>;

/** Reads `Pulumi.<stack>.yaml`; throws one error with everything that is wrong in it. */
export function readStack(name: string): Stack {
  const path = stackFile(name);
  if (!existsSync(path))
    throw new Error(`there is no Pulumi.${name}.yaml. Which stack? Say it with STACK=NAME`);
  const { config } = fileShape.parse(load(readFileSync(path, "utf8")));
  const result = parseSite(config["proximity-lan:site"] ?? {}, name, readSource);
  if (!result.ok) throw new Error(describeProblems("Invalid configuration", result.problems));
  const decrypted = decrypt(name);
  const value = valueOf(name, config, decrypted);
  const site = placed(result.site, name);
  const { ssh } = site.node;
  return {
    name,
    site,
    tag: `proximity-lan-${toLabel(name)}`,
    api: {
      endpoint: value("proxmoxve:endpoint"),
      token: value("proxmoxve:apiToken"),
      insecure: config["proxmoxve:insecure"] === true || config["proxmoxve:insecure"] === "true",
    },
    ssh: {
      host: ssh.host,
      port: ssh.port,
      hostKey: ssh.hostKey,
      privateKey: value("proximity-lan:sshPrivateKey"),
    },
    configSize: () => configSize(decrypted()),
  };
}

/**
 * As Pulumi writes it: a JSON object of strings, in which an object's own JSON is one string, under keys of
 * three parts (proximity-lan:config:site). Go writes some characters as six (encoding/json, HTMLEscape),
 * which JavaScript leaves as they are.
 */
function configSize(values: Decrypted): number {
  const texts = Object.entries(values).map(
    ([key, { value = "" }]) => [key.replace(":", ":config:"), value] as const,
  );
  const json = JSON.stringify(Object.fromEntries(texts));
  const escaped = json.replace(/[<>&\u2028\u2029]/g, "\\u0000");
  return Buffer.byteLength(`PULUMI_CONFIG=${escaped}\0`);
}

/** Where the program chose the node, its last update told which. */
function placed(declared: DeclaredSite, stack: string): Site {
  const { name } = declared.node;
  const node =
    name === anyNode ? pulumi(["stack", "output", "node", "--stack", stack]).trim() : name;
  const site = siteOn(declared, node);
  if (site === undefined) throw new Error(`node.candidates does not say how ${node} is reached`);
  return site;
}

/** Where the declaration of a stack is. */
export function stackFile(name: string): string {
  return join(project, `Pulumi.${name}.yaml`);
}

/** A value as text; from the file itself where it is plain. */
const valueOf =
  (name: string, config: Readonly<Record<string, unknown>>, decrypted: () => Decrypted) =>
  (key: string): string => {
    const plain = config[key];
    if (typeof plain === "string") return plain;
    if (plain === undefined) throw new Error(`${key} is missing in Pulumi.${name}.yaml`);
    return decrypted()[key]?.value ?? "";
  };

/** The whole configuration of a stack, each value as the text that Pulumi hands on; it takes a second. */
function decrypt(stack: string): () => Decrypted {
  let answer: Decrypted | undefined;
  return () =>
    (answer ??= decryptedShape.parse(
      JSON.parse(pulumi(["config", "--show-secrets", "--json", "--stack", stack])),
    ));
}
