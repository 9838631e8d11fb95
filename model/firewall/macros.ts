/** Every macro of Proxmox's firewall (pve-firewall 6.0.4, src/PVE/Firewall.pm). */
import type { Family } from "./address";

/** One match of a macro, in the words of Proxmox. */
export interface MacroMatch {
  /** A name or number. ICMP and ICMPv6 are of one family each. */
  readonly protocol: string;
  readonly port?: string;
  readonly sourcePort?: string;
  readonly icmpType?: string;
}

/** A macro by its name as Proxmox spells it. */
export interface Macro {
  readonly name: string;
  readonly matches: readonly MacroMatch[];
  /** The family of macros that are of one alone. */
  readonly family?: Family;
}

type Matches = readonly MacroMatch[];

const tcp = (port: string): Matches => [{ protocol: "tcp", port }];
const udp = (port: string, sourcePort?: string): Matches => [
  { protocol: "udp", port, ...(sourcePort !== undefined && { sourcePort }) },
];
const both = (port: string): Matches => [...udp(port), ...tcp(port)];
const bare = (protocol: string): Matches => [{ protocol }];
const echo: Matches = ["icmp", "ipv6-icmp"].map((protocol) => ({
  protocol,
  icmpType: "echo-request",
}));
const ndp: Matches = [
  "router-solicitation",
  "router-advertisement",
  "neighbor-solicitation",
  "neighbor-advertisement",
].map((icmpType) => ({ protocol: "ipv6-icmp", icmpType }));

const table: Readonly<Record<string, Matches>> = {
  Amanda: both("10080"),
  Auth: tcp("113"),
  BGP: tcp("179"),
  BitTorrent: [...tcp("6881:6889"), ...udp("6881")],
  BitTorrent32: [...tcp("6881:6999"), ...udp("6881")],
  Ceph: [...tcp("6789"), ...tcp("3300"), ...tcp("6800:7300")],
  Citrix: [...tcp("1494"), ...udp("1604"), ...tcp("2598")],
  CVS: tcp("2401"),
  DAAP: both("3689"),
  DCC: tcp("6277"),
  DHCPfwd: udp("67:68", "67:68"),
  DHCPv6: udp("546:547", "546:547"),
  Distcc: tcp("3632"),
  DNS: both("53"),
  Finger: tcp("79"),
  FTP: tcp("21"),
  Git: tcp("9418"),
  GNUnet: [...tcp("2086"), ...udp("2086"), ...tcp("1080"), ...udp("1080")],
  GRE: bare("gre"),
  HKP: tcp("11371"),
  HTTP: tcp("80"),
  HTTPS: tcp("443"),
  ICPV2: udp("3130"),
  ICQ: tcp("5190"),
  IMAP: tcp("143"),
  IMAPS: tcp("993"),
  IPIP: bare("ipip"),
  IPsec: [...udp("500", "500"), ...bare("esp")],
  IPsecah: [...udp("500", "500"), ...bare("ah")],
  IPsecnat: [...udp("500"), ...udp("4500"), ...bare("esp")],
  IRC: tcp("6667"),
  Jetdirect: tcp("9100"),
  L2TP: udp("1701"),
  LDAP: tcp("389"),
  LDAPS: tcp("636"),
  Mail: [...tcp("25"), ...tcp("465"), ...tcp("587")],
  MDNS: udp("5353"),
  MSNP: tcp("1863"),
  MSSQL: tcp("1433"),
  Munin: tcp("4949"),
  MySQL: tcp("3306"),
  NeighborDiscovery: ndp,
  NNTP: tcp("119"),
  NNTPS: tcp("563"),
  NTP: udp("123"),
  OpenVPN: udp("1194"),
  OSPF: bare("ospf"),
  PCA: [...udp("5632"), ...tcp("5631")],
  Ping: echo,
  PMG: tcp("8006"),
  POP3: tcp("110"),
  POP3S: tcp("995"),
  PostgreSQL: tcp("5432"),
  PPtP: [...bare("gre"), ...tcp("1723")],
  Printer: tcp("515"),
  Razor: tcp("2703"),
  Rdate: tcp("37"),
  RDP: tcp("3389"),
  RIP: udp("520"),
  RNDC: tcp("953"),
  Rsync: tcp("873"),
  SANE: tcp("6566"),
  SixXS: [...tcp("3874"), ...udp("3740"), ...bare("ipv6"), ...udp("5072,8374")],
  SMB: [...udp("135,445"), ...udp("137:139"), ...udp("1024:65535", "137"), ...tcp("135,139,445")],
  SMBswat: tcp("901"),
  SMTP: tcp("25"),
  SMTPS: tcp("465"),
  SNMP: [...udp("161:162"), ...tcp("161")],
  SPAMD: tcp("783"),
  SPICEproxy: tcp("3128"),
  Squid: tcp("3128"),
  SSH: tcp("22"),
  Submission: tcp("587"),
  SVN: tcp("3690"),
  Syslog: both("514"),
  Telnet: tcp("23"),
  Telnets: tcp("992"),
  TFTP: udp("69"),
  Time: tcp("37"),
  Trcrt: [...udp("33434:33524"), ...echo],
  VNC: tcp("5900:5999"),
  VNCL: tcp("5500"),
  Web: [...tcp("80"), ...tcp("443")],
  Webcache: tcp("8080"),
  Webmin: tcp("10000"),
  Whois: tcp("43"),
};

const ipv6Only: readonly string[] = ["DHCPv6", "NeighborDiscovery"];

const macros: ReadonlyMap<string, Macro> = new Map(
  Object.entries(table).map(([name, matches]) => [
    name.toLowerCase(),
    { name, matches, ...(ipv6Only.includes(name) && { family: 6 as const }) },
  ]),
);

/** A macro, whose case does not matter, as in Proxmox; undefined if Proxmox has none of that name. */
export function findMacro(name: string): Macro | undefined {
  return macros.get(name.toLowerCase());
}

/** Every macro's name as Proxmox spells it. */
export const macroNames: readonly string[] = Object.keys(table);
