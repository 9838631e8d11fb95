/** Protocols and ICMP types by the names that Proxmox's firewall knows (docs/proxmox/firewall.md 3). */
import type { Family } from "./address";

/**
 * Names and numbers of /etc/protocols of Debian 12 and 13 (netbase 6.4). Without `ip` and `hopopt`, whose
 * number 0 means every protocol to iptables, and without `mptcp`, whose number no packet can have.
 */
const protocols: ReadonlyMap<string, number> = new Map(
  Object.entries({
    icmp: 1,
    igmp: 2,
    ggp: 3,
    ipencap: 4,
    st: 5,
    tcp: 6,
    egp: 8,
    igp: 9,
    pup: 12,
    udp: 17,
    hmp: 20,
    "xns-idp": 22,
    rdp: 27,
    "iso-tp4": 29,
    dccp: 33,
    xtp: 36,
    ddp: 37,
    "idpr-cmtp": 38,
    ipv6: 41,
    "ipv6-route": 43,
    "ipv6-frag": 44,
    idrp: 45,
    rsvp: 46,
    gre: 47,
    esp: 50,
    ah: 51,
    skip: 57,
    "ipv6-icmp": 58,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    rspf: 73,
    vmtp: 81,
    eigrp: 88,
    ospf: 89,
    "ax.25": 93,
    ipip: 94,
    etherip: 97,
    encap: 98,
    pim: 103,
    ipcomp: 108,
    vrrp: 112,
    l2tp: 115,
    isis: 124,
    sctp: 132,
    fc: 133,
    "mobility-header": 135,
    udplite: 136,
    "mpls-in-ip": 137,
    manet: 138,
    hip: 139,
    shim6: 140,
    wesp: 141,
    rohc: 142,
    ethernet: 143,
  }),
);

/** A protocol of the table. */
export interface Protocol {
  readonly name: string;
  readonly number: number;
}

/** The protocol of a name or a number; undefined for one that is not in the table, as Proxmox wants it. */
export function protocolOf(text: string): Protocol | undefined {
  const wanted = text === "icmpv6" ? "ipv6-icmp" : text;
  const [name, number] =
    [...protocols].find(([one, at]) => one === wanted || String(at) === wanted) ?? [];
  return name === undefined || number === undefined ? undefined : { name, number };
}

/** Protocols with ports that iptables, nftables and Proxmox can match. */
export const withPorts: readonly string[] = ["tcp", "udp", "udplite", "dccp", "sctp"];

/** The family whose packets alone can be of a protocol. */
export function familyOf({ name }: Protocol): Family | undefined {
  return name === "icmp" ? 4 : name === "ipv6-icmp" ? 6 : undefined;
}

/** An ICMP type as nftables knows it; without a code, all of its codes. */
export interface IcmpType {
  readonly type: string;
  readonly code?: number;
}

/** `TYPE`, or `TYPE CODE` with the names of nftables, by the names of iptables. */
const icmpTypes: Readonly<Record<Family, Readonly<Record<string, string>>>> = {
  4: {
    "echo-reply": "echo-reply",
    "destination-unreachable": "destination-unreachable",
    "network-unreachable": "destination-unreachable 0",
    "host-unreachable": "destination-unreachable 1",
    "protocol-unreachable": "destination-unreachable 2",
    "port-unreachable": "destination-unreachable 3",
    "fragmentation-needed": "destination-unreachable 4",
    "source-route-failed": "destination-unreachable 5",
    "network-unknown": "destination-unreachable 6",
    "host-unknown": "destination-unreachable 7",
    "network-prohibited": "destination-unreachable 9",
    "host-prohibited": "destination-unreachable 10",
    "TOS-network-unreachable": "destination-unreachable 11",
    "TOS-host-unreachable": "destination-unreachable 12",
    "communication-prohibited": "destination-unreachable 13",
    "host-precedence-violation": "destination-unreachable 14",
    "precedence-cutoff": "destination-unreachable 15",
    "source-quench": "source-quench",
    redirect: "redirect",
    "network-redirect": "redirect 0",
    "host-redirect": "redirect 1",
    "TOS-network-redirect": "redirect 2",
    "TOS-host-redirect": "redirect 3",
    "echo-request": "echo-request",
    "router-advertisement": "router-advertisement",
    "router-solicitation": "router-solicitation",
    "time-exceeded": "time-exceeded",
    "ttl-zero-during-transit": "time-exceeded 0",
    "ttl-zero-during-reassembly": "time-exceeded 1",
    "parameter-problem": "parameter-problem",
    "ip-header-bad": "parameter-problem 0",
    "required-option-missing": "parameter-problem 1",
    "timestamp-request": "timestamp-request",
    "timestamp-reply": "timestamp-reply",
    "address-mask-request": "address-mask-request",
    "address-mask-reply": "address-mask-reply",
  },
  // Without reject-route, which Proxmox's reader for nftables does not take.
  6: {
    "destination-unreachable": "destination-unreachable",
    "no-route": "destination-unreachable 0",
    "communication-prohibited": "destination-unreachable 1",
    "beyond-scope": "destination-unreachable 2",
    "address-unreachable": "destination-unreachable 3",
    "port-unreachable": "destination-unreachable 4",
    "failed-policy": "destination-unreachable 5",
    "packet-too-big": "packet-too-big",
    "time-exceeded": "time-exceeded",
    "ttl-zero-during-transit": "time-exceeded 0",
    "ttl-zero-during-reassembly": "time-exceeded 1",
    "parameter-problem": "parameter-problem",
    "bad-header": "parameter-problem 0",
    "unknown-header-type": "parameter-problem 1",
    "unknown-option": "parameter-problem 2",
    "echo-request": "echo-request",
    "echo-reply": "echo-reply",
    "router-solicitation": "nd-router-solicit",
    "router-advertisement": "nd-router-advert",
    "neighbor-solicitation": "nd-neighbor-solicit",
    "neighbour-solicitation": "nd-neighbor-solicit",
    "neighbor-advertisement": "nd-neighbor-advert",
    "neighbour-advertisement": "nd-neighbor-advert",
    redirect: "nd-redirect",
  },
};

/** The type of a name; undefined if the family has none of that name. */
export function icmpTypeOf(family: Family, name: string): IcmpType | undefined {
  const [type, code] = icmpTypes[family][name]?.split(" ") ?? [];
  return type === undefined ? undefined : { type, ...(code && { code: Number(code) }) };
}

/** Every name of a type in a family. */
export function icmpTypeNames(family: Family): readonly string[] {
  return Object.keys(icmpTypes[family]);
}
