import { BackendError, type GuestInterface, type GuestState } from "../backend/backend";
import type { MemoryFiles } from "./files";

/** One guest: its files, and its LXC configuration while it runs. */
interface MemoryGuest {
  readonly files: MemoryFiles;
  config: ReadonlyMap<string, string> | undefined;
  startedAt: number;
  /** Bytes of its file system, which may be smaller than its volume. */
  fileSystem: number;
  /** How often its interfaces were read since it started. */
  reads: number;
}

/** Reads `key = value` lines; the last of a key wins, as in LXC. */
const parseLxc = (text: string): Map<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );

/** The guests of one node, in memory; a running one has plausible addresses. */
export class MemoryGuests {
  private readonly guests = new Map<number, MemoryGuest>();
  private readonly leases = new Map<string, string>();

  /** `dhcpReads`: after how many reads of its interfaces a guest with `dhcp` has its address. */
  constructor(private readonly dhcpReads: number) {}

  add(vmid: number, files: MemoryFiles, fileSystem: number): void {
    this.guests.set(vmid, { files, config: undefined, startedAt: 0, fileSystem, reads: 0 });
  }

  grow(vmid: number, bytes: number): void {
    this.find(vmid).fileSystem = bytes;
  }

  remove(vmid: number): void {
    this.guests.delete(vmid);
  }

  files(vmid: number): MemoryFiles {
    return this.find(vmid).files;
  }

  /** Starts a guest whose bridges exist; a missing one is an error, as LXC has it. */
  start(vmid: number, lxcConfig: string, bridges: ReadonlySet<string>): void {
    const guest = this.find(vmid);
    const config = parseLxc(lxcConfig);
    for (const [key, link] of config) {
      if (/^lxc\.net\.\d+\.link$/.test(key) && !bridges.has(link)) {
        throw new BackendError(`bridge '${link}' does not exist`);
      }
    }
    Object.assign(guest, { config, startedAt: Date.now(), reads: 0 });
  }

  stop(vmid: number): void {
    this.find(vmid).config = undefined;
  }

  /** A guest without a rootfs is simply not running. */
  state(vmid: number): GuestState {
    const guest = this.guests.get(vmid);
    if (guest?.config === undefined) return { running: false, uptime: 0, mem: 0, cpu: 0 };
    const uptime = Math.floor((Date.now() - guest.startedAt) / 1000);
    const disk = { used: Math.min(guest.fileSystem, 512 * 2 ** 20), total: guest.fileSystem };
    return { running: true, pid: 10_000 + vmid, uptime, mem: 64 * 2 ** 20, cpu: 0.01, disk };
  }

  interfaces(vmid: number): readonly GuestInterface[] {
    const guest = this.find(vmid);
    const { config } = guest;
    if (config === undefined) return [];
    guest.reads++;
    const loopback: GuestInterface = {
      name: "lo",
      mac: "00:00:00:00:00:00",
      addresses: [{ address: "127.0.0.1", prefix: 8, family: "inet" }],
    };
    const links = [...config.keys()].flatMap(
      (key) => /^(lxc\.net\.\d+)\.type$/.exec(key)?.[1] ?? [],
    );
    const nics = links.map((link) => {
      const name = config.get(`${link}.name`) ?? "eth0";
      const mac = (config.get(`${link}.hwaddr`) ?? "00:00:00:00:00:00").toLowerCase();
      const bridge = config.get(`${link}.link`) ?? "";
      const raw = config.get(`${link}.ipv4.address`);
      const ipv4 = raw === undefined ? this.addresses(guest, name, mac, bridge) : [cidr(raw)];
      return { name, mac, addresses: [...ipv4, linkLocal(mac)] };
    });
    return [loopback, ...nics];
  }

  /** What ifupdown inside would have set, by the guest's own interfaces file. */
  private addresses(
    guest: MemoryGuest,
    name: string,
    mac: string,
    bridge: string,
  ): GuestInterface["addresses"] {
    const text = guest.files.read("/etc/network/interfaces") ?? "";
    const stanza = new RegExp(`^iface ${name} inet (\\S+)\n(?:\\s+address (\\S+))?`, "m").exec(
      text,
    );
    if (stanza?.[1] === "static" && stanza[2] !== undefined) return [cidr(stanza[2])];
    if (stanza?.[1] !== "dhcp" || guest.reads <= this.dhcpReads) return [];
    return [cidr(this.lease(mac, bridge))];
  }

  /** One address per MAC and bridge, kept while the lab lives, as a DHCP server would. */
  private lease(mac: string, bridge: string): string {
    const key = `${bridge} ${mac}`;
    const network = bridge === "vmbr0" ? "192.168.1" : "10.20.0";
    const taken = [...this.leases.keys()].filter((other) => other.startsWith(`${bridge} `)).length;
    const address = this.leases.get(key) ?? `${network}.${100 + taken}/24`;
    this.leases.set(key, address);
    return address;
  }

  private find(vmid: number): MemoryGuest {
    const guest = this.guests.get(vmid);
    if (guest === undefined) throw new BackendError(`CT ${vmid} has no rootfs`);
    return guest;
  }
}

/** The address that the kernel itself gives an interface as soon as it is up (RFC 4291, appendix A). */
function linkLocal(mac: string): GuestInterface["addresses"][number] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac
    .split(":")
    .map((byte) => parseInt(byte, 16));
  const groups = [
    [a ^ 2, b],
    [c, 0xff],
    [0xfe, d],
    [e, f],
  ] as const;
  const text = groups.map(([high, low]) => (high * 256 + low).toString(16)).join(":");
  return { address: `fe80::${text}`, prefix: 64, family: "inet6" };
}

const cidr = (text: string): GuestInterface["addresses"][number] => {
  const [address = "", prefix = "24"] = text.split("/");
  return { address, prefix: Number(prefix), family: "inet" };
};
