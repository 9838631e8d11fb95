/** The macros of Proxmox's firewall that this program also renders inside a guest (pve-firewall's own table). */

/** What one macro stands for; without ports, the protocol alone. */
export interface Service {
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly ports?: string;
}

const tcp = (ports: string): readonly Service[] => [{ protocol: "tcp", ports }];
const udp = (ports: string): readonly Service[] => [{ protocol: "udp", ports }];
const both = (ports: string): readonly Service[] => [...udp(ports), ...tcp(ports)];

const macros: ReadonlyMap<string, readonly Service[]> = new Map(
  Object.entries({
    DNS: both("53"),
    FTP: tcp("21"),
    HTTP: tcp("80"),
    HTTPS: tcp("443"),
    IMAP: tcp("143"),
    IMAPS: tcp("993"),
    LDAP: tcp("389"),
    LDAPS: tcp("636"),
    MySQL: tcp("3306"),
    NTP: udp("123"),
    POP3: tcp("110"),
    POP3S: tcp("995"),
    Ping: [{ protocol: "icmp" }],
    PostgreSQL: tcp("5432"),
    SMTP: tcp("25"),
    SMTPS: tcp("465"),
    SSH: tcp("22"),
    Submission: tcp("587"),
    Syslog: both("514"),
    Web: [...tcp("80"), ...tcp("443")],
  } satisfies Record<string, readonly Service[]>).map(([name, services]) => [
    name.toLowerCase(),
    services,
  ]),
);

/** What a macro stands for; undefined when it is not known here. Its case does not matter, as in Proxmox. */
export function portsOf(macro: string): readonly Service[] | undefined {
  return macros.get(macro.toLowerCase());
}
