/** The network that may always manage the node. */
import type { FirewallAlias, FirewallFile } from "../pve/firewall/file";
import { parseCidr } from "../pve/firewall/address";
import { parseInterfaces } from "../pve/interfaces-file";

/** The output of `pve-firewall localnet`. */
export interface LocalNetwork {
  readonly address: string;
  /** What the node's own address says. */
  readonly detected: string;
  /** What counts: the alias `local_network` of cluster.fw, else what was detected. */
  readonly network: string;
  /** The same as rules name it. */
  readonly alias: FirewallAlias;
}

/** The node's management address is the first static one, as /etc/hosts has it on a real node. */
export function localNetwork(interfaces: string, cluster: FirewallFile): LocalNetwork {
  const texts = parseInterfaces(interfaces).stanzas.flatMap(
    ({ options }) => options.find(([key]) => key === "address")?.[1] ?? [],
  );
  const own = texts.map(parseCidr).find((cidr) => cidr?.family === 4);
  const detected =
    own === undefined ? "127.0.0.0/8" : `${networkAddress(own.address, own.prefix)}/${own.prefix}`;
  const name = "local_network";
  const network = cluster.aliases.find((alias) => alias.name === name)?.cidr ?? detected;
  const alias = { name, cidr: network, comment: "" };
  return { address: own?.address ?? "127.0.0.1", detected, network, alias };
}

/** The address with its host bits cleared. */
function networkAddress(address: string, prefix: number): string {
  const bits = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const base = Math.floor(bits / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
  return [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".");
}
