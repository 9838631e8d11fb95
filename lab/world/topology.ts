/** The lab's hosts, their cables and their daemons, as data. */
import type { Place } from "./place";

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

/** A Proxmox node: pve1 at 192.168.1.10, pve2 at .11 and so on; `index` begins at 0. */
export interface NodeSpec {
  readonly index: number;
  readonly name: string;
  readonly address: string;
}

const nodeSpec = (index: number): NodeSpec => ({
  index,
  name: `pve${index + 1}`,
  address: `192.168.1.${10 + index}`,
});

/** The first node, which every lab has. */
export const NODE = nodeSpec(0);

/** The nodes of a lab, in order. */
export const nodesOf = (place: Place): readonly NodeSpec[] =>
  Array.from({ length: place.nodes }, (_, index) => nodeSpec(index));

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

const COMMON_HOSTS: readonly HostSpec[] = [
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
];

const nodeHost = ({ name }: NodeSpec): HostSpec => ({
  name,
  role: "node",
  network: NETWORK,
  services: [
    tcp("sshd", 22, "/usr/sbin/sshd", "-D", "-e"),
    relay("api", 8006, "UNIX-CONNECT:/run/pve-lab/tls.sock"),
  ],
});

/** Every host of a lab, in the order of booting. */
export const hostsOf = (place: Place): readonly HostSpec[] => [
  ...COMMON_HOSTS,
  ...nodesOf(place).map(nodeHost),
];

/** Every cable of a lab; the router's LAN ports make the switch of the management LAN. */
export const cablesOf = (place: Place): readonly Cable[] => [
  cable("router", "wan", "outside", "eth0"),
  cable("router", "lan-client", "lan-client", "eth0"),
  ...nodesOf(place).map(({ name }) => cable("router", `lan-${name}`, name, "eno1")),
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
export function findHost(place: Place, name: string): HostSpec {
  const hosts = hostsOf(place);
  const host = hosts.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  throw new Error(`The lab has no host '${name}': ${hosts.map((h) => h.name).join(", ")}.`);
}
