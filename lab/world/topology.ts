/** The lab's hosts, their cables and their daemons, as data. */

/** A daemon of a host; it serves when its port is listened on. */
export interface Service {
  readonly name: string;
  readonly command: readonly string[];
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** One host of the lab. */
export interface HostSpec {
  readonly name: string;
  readonly role: "router" | "outside" | "client" | "node";
  /** Program on the host that (again) brings its network up; it changes nothing that is right. */
  readonly network: readonly string[];
  readonly services: readonly Service[];
}

/** A cable between two hosts' network ports. */
export interface Cable {
  readonly ends: readonly [CableEnd, CableEnd];
}

/** A host's network port. */
export interface CableEnd {
  readonly host: string;
  readonly port: string;
}

/** Name and management address of the first node. */
export const NODE = { name: "pve1", address: "192.168.1.10" } as const;

/** Where guests find the package cache. */
export const PACKAGE_PROXY = "http://198.51.100.10:3142";

/** Where the package cache's socket appears on the outside host. */
export const PACKAGE_SOCKET_FOLDER = "/run/packages";

const NETWORK = ["/usr/local/sbin/lab-network"];

const tcp = (name: string, port: number, ...command: readonly string[]): Service => ({
  name,
  command,
  protocol: "tcp",
  port,
});

const relay = (name: string, port: number, to: string): Service =>
  tcp(name, port, "socat", `TCP-LISTEN:${port},reuseaddr,fork`, to);

const answering = (port: number, script: string): Service =>
  tcp("http", port, "socat", `TCP-LISTEN:${port},reuseaddr,fork`, `EXEC:${script}`);

const dnsmasq: Service = {
  name: "dnsmasq",
  command: ["dnsmasq", "--keep-in-foreground", "--conf-file=/etc/dnsmasq.conf"],
  protocol: "udp",
  port: 53,
};

/** Every host, in the order of booting. */
export const HOSTS: readonly HostSpec[] = [
  { name: "router", role: "router", network: NETWORK, services: [dnsmasq] },
  {
    name: "outside",
    role: "outside",
    network: NETWORK,
    services: [
      dnsmasq,
      answering(80, "/usr/local/sbin/answer"),
      relay("packages", 3142, `UNIX-CONNECT:${PACKAGE_SOCKET_FOLDER}/socket`),
    ],
  },
  {
    name: "lan-client",
    role: "client",
    network: NETWORK,
    services: [answering(80, "/usr/local/sbin/answer")],
  },
  {
    name: NODE.name,
    role: "node",
    network: ["/usr/local/sbin/lab-network"],
    services: [
      tcp("sshd", 22, "/usr/sbin/sshd", "-D", "-e"),
      relay("api", 8006, "UNIX-CONNECT:/run/pve-lab/tls.sock"),
    ],
  },
];

/** Every cable; the router's LAN ports make the switch of the management LAN. */
export const CABLES: readonly Cable[] = [
  cable("router", "wan", "outside", "eth0"),
  cable("router", "lan-client", "lan-client", "eth0"),
  cable("router", `lan-${NODE.name}`, NODE.name, "eno1"),
];

function cable(host: string, port: string, otherHost: string, otherPort: string): Cable {
  return {
    ends: [
      { host, port },
      { host: otherHost, port: otherPort },
    ],
  };
}

/** The host of this name; the error names all. */
export function findHost(name: string): HostSpec {
  const host = HOSTS.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  throw new Error(`There is no host ${name} in the lab: ${HOSTS.map((h) => h.name).join(", ")}.`);
}
