/** What a rule's names mean where it stands: aliases, sets, services, protocols. */
import { createHash } from "node:crypto";

import { FAMILIES, parseCidr, printCidr, type Cidr, type Family } from "../pve/firewall/address";
import type { FirewallEntry, FirewallFile } from "../pve/firewall/file";
import type { FirewallKind } from "../pve/firewall/options";

/** A part of a rule or set that cannot be: Proxmox shows these as `FIELD: MESSAGE`. */
export class RuleError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** Names that the node itself knows, from /etc/services and /etc/protocols. */
export interface NodeNames {
  readonly services: ReadonlySet<string>;
  readonly protocols: ReadonlySet<string>;
}

/** The names of /etc/services that have a port of TCP, UDP or SCTP. */
export const serviceNames = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .split("\n")
      .flatMap((line) => /^([A-Za-z][\w.+-]*)\s+\d+\/(?:tcp|udp|sctp)/.exec(line)?.[1] ?? []),
  );

/** The names and numbers of /etc/protocols, with the one name that Proxmox adds. */
export const protocolNames = (text: string): ReadonlySet<string> =>
  new Set([
    "icmpv6",
    ...text.split("\n").flatMap((line) => /^([A-Za-z][\w.+-]*)\s+(\d+)/.exec(line)?.slice(1) ?? []),
  ]);

/** The kernel's sets of one named set, by family. */
export type KernelSets = ReadonlyMap<Family, string>;

/** Where a rule stands. */
export interface Scope {
  readonly kind: FirewallKind;
  readonly names: NodeNames;
  /** Aliases and sets by name, as they are looked up: `guest/x` and `dc/x` by the prefix. */
  readonly aliases: ReadonlyMap<string, Cidr>;
  readonly ipsets: ReadonlyMap<string, KernelSets>;
}

/** Aliases of a file under their names and with the prefix that names the file. */
export function aliasesOf(file: FirewallFile, prefix: "dc" | "guest"): ReadonlyMap<string, Cidr> {
  const found = new Map<string, Cidr>();
  for (const { name, cidr } of file.aliases) {
    const network = parseCidr(cidr);
    if (network === undefined) continue;
    const known = name.toLowerCase();
    found.set(known, network).set(`${prefix}/${known}`, network);
  }
  return found;
}

/** The text that makes a set in the kernel, and the names that it has there. */
export interface KernelIpset {
  readonly sets: KernelSets;
  readonly text: string;
}

/** Readable part and hash in a set's name: with the longest VMID it has the kernel's 31 characters. */
const READABLE = 5;
const HASH = 6;

function networkOf(entry: FirewallEntry, aliases: ReadonlyMap<string, Cidr>): Cidr {
  const network = parseCidr(entry.cidr) ?? aliases.get(entry.cidr.toLowerCase());
  if (network === undefined) throw new RuleError("cidr", `no such alias '${entry.cidr}'`);
  return network;
}

/**
 * A named set as `ipset restore` reads it, one for each family. The name holds a hash of the content, so
 * a set never changes: new rules name new sets, and a switch of the rules is a switch of both.
 */
export function kernelIpset(
  vmid: number,
  name: string,
  entries: readonly FirewallEntry[],
  aliases: ReadonlyMap<string, Cidr>,
): KernelIpset {
  const sets = new Map<Family, string>();
  const lines: string[] = [];
  for (const family of FAMILIES) {
    const members = entries.flatMap((entry) => {
      const network = networkOf(entry, aliases);
      return network.family === family
        ? [`${printCidr(network)}${entry.nomatch ? " nomatch" : ""}`]
        : [];
    });
    const hash = createHash("sha256").update(`${name} ${family} ${members.join()}`).digest("hex");
    const set = `PVEFW-${vmid}-${name.slice(0, READABLE)}-${hash.slice(0, HASH)}-v${family}`;
    sets.set(family, set);
    lines.push(`create ${set} hash:net family ${family === 4 ? "inet" : "inet6"}`);
    lines.push(...members.map((member) => `add ${set} ${member}`));
  }
  return { sets, text: lines.map((line) => `${line}\n`).join("") };
}
