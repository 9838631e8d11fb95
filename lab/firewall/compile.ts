/** A node's files as one ruleset for its kernel: plain data in, text out. */
import { createHash } from "node:crypto";

import { parseCidr } from "../pve/firewall/address";
import { parseFirewall, type FirewallFile, type FirewallProblem } from "../pve/firewall/file";
import type { FirewallKind } from "../pve/firewall/options";
import { formatRule, type FirewallRule } from "../pve/firewall/rule";
import { parseGuestConfig, type GuestConfig } from "../pve/guest-config";
import { guestNets } from "../pve/guest-net";
import { addStandardChains, Chains } from "./chains";
import { bridgeTable, frameRules } from "./frames";
import { addGuest } from "./guest";
import { addHost } from "./host";
import { localNetwork } from "./local-network";
import { checkRule } from "./rules";
import { aliasesOf, kernelIpset, protocolNames, RuleError, serviceNames } from "./scope";
import type { KernelSets, NodeNames, Scope } from "./scope";
import { unenforced } from "./unenforced";

/**
 * What is loaded into the kernel: texts for `ipset restore`, for iptables-restore and ip6tables-restore, and
 * for nft a table of what Proxmox does with ebtables.
 */
export interface Ruleset {
  readonly ipset: string;
  readonly iptables: string;
  readonly ip6tables: string;
  readonly bridge: string;
}

/** The ruleset of a node whose firewall is off. */
export const NO_RULES: Ruleset = { ipset: "", iptables: "", ip6tables: "", bridge: "" };

/** A problem, and the file that it is in. */
export interface FileProblem extends FirewallProblem {
  readonly path: string;
}

/** What a node's files come to. */
export interface Compiled {
  readonly ruleset: Ruleset;
  readonly enabled: boolean;
  /** Lines left out of the ruleset. A daemon loads nothing while there is one. */
  readonly problems: readonly FileProblem[];
}

/** Texts of a node's files by their path; one that is not there is missing. */
export type NodeFiles = ReadonlyMap<string, string>;

/** The same ruleset has the same digest. */
export const digestOf = (ruleset: Ruleset): string =>
  createHash("sha256").update(JSON.stringify(ruleset)).digest("hex");

/** One compilation: files are read once, and every problem is noted with its place. */
class Compilation {
  readonly problems: FileProblem[] = [];
  private readonly chains = new Chains();
  /** Texts of the sets: two names for one set come to the same text. */
  private readonly ipsets = new Set<string>();
  /** What each guest's NIC may send, below IP. */
  private readonly frames: string[] = [];
  private readonly names: NodeNames;

  constructor(
    private readonly node: string,
    private readonly files: NodeFiles,
  ) {
    this.names = {
      services: serviceNames(files.get("/etc/services") ?? ""),
      protocols: protocolNames(files.get("/etc/protocols") ?? ""),
    };
  }

  run(): Compiled {
    const clusterPath = "/etc/pve/firewall/cluster.fw";
    const cluster = this.parse(clusterPath, "cluster");
    const local = localNetwork(this.files.get("/etc/network/interfaces") ?? "", cluster);
    const aliases = new Map([
      ...aliasesOf({ ...cluster, aliases: [local.alias] }, "dc"),
      ...aliasesOf(cluster, "dc"),
    ]);
    const dc = { kind: "cluster", names: this.names, aliases } as const;
    const clusterScope: Scope = { ...dc, ipsets: this.setsOf(0, cluster, clusterPath, dc.aliases) };
    const rules = this.checked(cluster, clusterPath, clusterScope, cluster);
    const enabled = Number(cluster.options.get("enable") ?? 0) > 0;
    addStandardChains(this.chains);
    this.addForwarding();
    this.addNode(rules, clusterScope, local.network);
    for (const [path, text] of this.files) {
      const vmid = /^\/etc\/pve\/nodes\/[^/]+\/lxc\/(\d+)\.conf$/.exec(path)?.[1];
      if (vmid === undefined) continue;
      this.addGuest(Number(vmid), parseGuestConfig(text).current, rules, clusterScope);
    }
    return { ruleset: enabled ? this.ruleset() : NO_RULES, enabled, problems: this.problems };
  }

  private ruleset(): Ruleset {
    return {
      ipset: [...this.ipsets].join(""),
      iptables: this.chains.text(4),
      ip6tables: this.chains.text(6),
      bridge: bridgeTable(this.frames),
    };
  }

  private parse(path: string, kind: FirewallKind): FirewallFile {
    const file = parseFirewall(this.files.get(path) ?? "", kind);
    for (const problem of [...file.problems, ...unenforced(file, kind)]) {
      this.problems.push({ path, ...problem });
    }
    return file;
  }

  private attempt(problem: Omit<FileProblem, "reason">, operation: () => void): boolean {
    try {
      operation();
      return true;
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.problems.push({ ...problem, reason: `${error.field}: ${error.message}` });
      return false;
    }
  }

  /** The file without the rules that cannot be. */
  private checked(
    file: FirewallFile,
    path: string,
    scope: Scope,
    cluster: FirewallFile,
  ): FirewallFile {
    const fits = (rule: FirewallRule): boolean =>
      this.attempt({ path, line: rule.line, text: formatRule(rule) }, () => {
        checkRule(rule, scope);
        if (rule.type === "group" && !cluster.groups.some(({ name }) => name === rule.action)) {
          throw new RuleError("action", `no such security group '${rule.action}'`);
        }
      });
    const groups = file.groups.map((group) => ({ ...group, rules: group.rules.filter(fits) }));
    return { ...file, rules: file.rules.filter(fits), groups };
  }

  private setsOf(
    vmid: number,
    file: FirewallFile,
    path: string,
    aliases: Scope["aliases"],
  ): Map<string, KernelSets> {
    const found = new Map<string, KernelSets>();
    for (const { name, entries } of file.ipsets) {
      this.attempt({ path, line: undefined, text: `[IPSET ${name}]` }, () => {
        const { sets, text } = kernelIpset(vmid, name, entries, aliases);
        found.set(name, sets).set(`${vmid === 0 ? "dc" : "guest"}/${name}`, sets);
        this.ipsets.add(text);
      });
    }
    return found;
  }

  private addForwarding(): void {
    this.chains.add("PVEFW-FORWARD", [
      "-m conntrack --ctstate INVALID -j DROP",
      "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-m physdev --physdev-is-bridged --physdev-in fwln+ -j PVEFW-FWBR-IN",
      "-m physdev --physdev-is-bridged --physdev-out fwln+ -j PVEFW-FWBR-OUT",
    ]);
    this.chains.add("PVEFW-FWBR-IN", ["-m conntrack --ctstate INVALID,NEW -j PVEFW-smurfs"]);
    this.chains.add("PVEFW-FWBR-OUT", []);
  }

  private addNode(cluster: FirewallFile, clusterScope: Scope, network: string): void {
    const path = `/etc/pve/nodes/${this.node}/host.fw`;
    const hostScope: Scope = { ...clusterScope, kind: "host" };
    const host = this.checked(this.parse(path, "host"), path, hostScope, cluster);
    if (host.options.get("enable") === "0") return;
    const own = cluster.ipsets.find(({ name }) => name === "management")?.entries ?? [];
    const entries = [{ cidr: network, nomatch: false, comment: "" }, ...own];
    const unique = entries.filter(
      ({ cidr }, at) => entries.findIndex((e) => e.cidr === cidr) === at,
    );
    const { sets, text } = kernelIpset(0, "management", unique, clusterScope.aliases);
    this.ipsets.add(text);
    addHost(this.chains, { cluster, host, clusterScope, hostScope, management: sets });
  }

  private addGuest(vmid: number, config: GuestConfig, cluster: FirewallFile, dc: Scope): void {
    const path = `/etc/pve/firewall/${vmid}.fw`;
    const parsed = this.parse(path, "guest");
    const aliases = new Map([...dc.aliases, ...aliasesOf(parsed, "guest")]);
    const ipsets = new Map([...dc.ipsets, ...this.setsOf(vmid, parsed, path, aliases)]);
    const scope: Scope = { kind: "guest", names: this.names, aliases, ipsets };
    const file = this.checked(parsed, path, scope, cluster);
    if (file.options.get("enable") !== "1") return;
    if (file.options.get("ipfilter") === "1") this.addOwnAddresses(vmid, config, ipsets);
    const guest = { vmid, config, file, scope, groups: cluster.groups };
    addGuest(this.chains, guest);
    if (cluster.options.get("ebtables") !== "0") this.frames.push(...frameRules(guest));
  }

  /** With ipfilter, a NIC without its own set may use the addresses of its configuration, and link-local ones. */
  private addOwnAddresses(
    vmid: number,
    { keys }: GuestConfig,
    ipsets: Map<string, KernelSets>,
  ): void {
    for (const { index, ip, ip6 } of guestNets(keys)) {
      const name = `ipfilter-net${index}`;
      if (ipsets.has(name)) continue;
      const own = [ip, ip6].flatMap((text) => parseCidr(text ?? "")?.address ?? []);
      const entries = [...own, "fe80::/10"].map((cidr) => ({ cidr, nomatch: false, comment: "" }));
      const { sets, text } = kernelIpset(vmid, name, entries, new Map());
      ipsets.set(name, sets);
      this.ipsets.add(text);
    }
  }
}

/** Compiles a node's firewall from its files. */
export const compile = (node: string, files: NodeFiles): Compiled =>
  new Compilation(node, files).run();
