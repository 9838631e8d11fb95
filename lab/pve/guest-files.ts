import type { GuestNet } from "./guest-net";
import { formatInterfaces, parseInterfaces, type Stanza } from "./interfaces-file";
import { staticAddress } from "./node-network";

/** What the files of a guest say about it. */
export interface GuestIdentity {
  readonly hostname: string;
  readonly nameservers: readonly string[];
  readonly searchdomain: string | undefined;
  readonly nets: readonly GuestNet[];
}

const BEGIN = "# --- BEGIN PVE ---";
const END = "# --- END PVE ---";
const SECTION = new RegExp(`${BEGIN}\n[^]*?${END}\n?`);

const marked = (lines: readonly string[]): string => `${[BEGIN, ...lines, END].join("\n")}\n`;

/** /etc/hosts with Proxmox's marked section replaced, or put at the end when there is none yet. */
export function hostsFile(current: string, guest: GuestIdentity): string {
  const address =
    guest.nets.map(({ ip }) => staticAddress(ip)).find((ip) => ip !== undefined) ?? "127.0.1.1";
  const short = guest.hostname.split(".")[0] ?? guest.hostname;
  const domain = guest.searchdomain?.split(/[,;\s]+/)[0];
  const full = guest.hostname.includes(".")
    ? guest.hostname
    : domain === undefined
      ? undefined
      : `${short}.${domain}`;
  const section = marked([[address, full, short].filter((word) => word !== undefined).join(" ")]);
  if (SECTION.test(current)) return current.replace(SECTION, () => section);
  const base = current === "" ? "127.0.0.1 localhost\n::1 localhost ip6-localhost\n" : current;
  return `${base.trimEnd()}\n${section}`;
}

/** /etc/resolv.conf with Proxmox's marked section; a file without one is replaced whole. */
export function resolvConf(current: string, guest: GuestIdentity): string {
  const search = guest.searchdomain?.split(/[,;\s]+/).filter((word) => word !== "") ?? [];
  const section = marked([
    ...(search.length > 0 ? [`search ${search.join(" ")}`] : []),
    ...guest.nameservers.map((address) => `nameserver ${address}`),
  ]);
  return SECTION.test(current) ? current.replace(SECTION, () => section) : section;
}

/** Attributes that Proxmox decides; others of a managed stanza are the guest's own and stay. */
const MANAGED = new Set(["address", "netmask", "gateway"]);

function stanzaOf(net: GuestNet, family: "inet" | "inet6", old: readonly Stanza[]): Stanza[] {
  const ip = family === "inet" ? net.ip : net.ip6;
  const gateway = family === "inet" ? net.gw : net.gw6;
  if (ip === undefined) return [];
  const method = ["dhcp", "manual", "auto"].includes(ip) ? ip : "static";
  const own: [string, string][] = [];
  if (method === "static") own.push(["address", ip]);
  if (method === "static" && gateway !== undefined) own.push(["gateway", gateway]);
  const before = old.find((stanza) => stanza.iface === net.name && stanza.family === family);
  const kept = before?.options.filter(([key]) => !MANAGED.has(key)) ?? [];
  return [
    {
      iface: net.name,
      family,
      method,
      options: [...own, ...kept],
      comments: before?.comments ?? [],
    },
  ];
}

/** /etc/network/interfaces of a guest: stanzas of its netN rewritten, foreign ones kept. */
export function guestInterfaces(current: string, nets: readonly GuestNet[]): string {
  const file = parseInterfaces(current);
  const names = new Set(nets.map(({ name }) => name));
  const foreign = file.stanzas.filter(({ iface }) => !names.has(iface) && iface !== "lo");
  const own = nets.flatMap((net) => [
    ...stanzaOf(net, "inet", file.stanzas),
    ...stanzaOf(net, "inet6", file.stanzas),
  ]);
  const managed = [...new Set(own.map(({ iface }) => iface))];
  const lo: Stanza = { iface: "lo", family: "inet", method: "loopback", options: [], comments: [] };
  return formatInterfaces({
    header: file.header,
    auto: ["lo", ...managed, ...file.auto.filter((name) => name !== "lo" && !names.has(name))],
    stanzas: [lo, ...own, ...foreign],
    other: file.other,
  });
}
