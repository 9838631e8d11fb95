/** What is asked about guests with an interface on the LAN, and what was answered. */
import { innerAddress, obsoleteEntries, type Guest } from "../../model/guest";
import { parseCidr } from "../../model/net";
import type { PublicHost } from "../../model/public-interface";
import type { Site } from "../../model/site";
import { obsoleteNatProgram } from "../../render/obsolete-nat";
import { runOnNode } from "../on-node";
import type { Stack } from "../stack";

/** A guest's own view, from `ask-public.sh inside`. */
export interface InsideView {
  /** Of eth1, with their prefix. */
  readonly addresses: readonly string[];
  readonly mac: string;
  /** Where TCP ports listen, such as `0.0.0.0:443`. */
  readonly listens: readonly string[];
  /** Default routes, such as `via 192.168.1.1 dev eth1`. */
  readonly defaults: readonly string[];
  /** Rules of the tables for replies, such as `from 192.168.1.153 lookup 1001`. */
  readonly rules: readonly string[];
  /** The route to an address on the inner side, as `ip route get` tells it. */
  readonly inner?: string;
}

/** Reads its lines; what it does not know is passed over. */
export function parseInside(text: string): InsideView {
  const lines = text.split("\n").map((line) => /^(\S+) (.*)$/.exec(line));
  const all = (wanted: string) =>
    lines.flatMap((line) => (line?.[1] === wanted && line[2] !== undefined ? [line[2]] : []));
  const [inner] = all("inner");
  return {
    addresses: all("address"),
    mac: all("mac")[0] ?? "",
    listens: all("listens"),
    defaults: all("default"),
    rules: all("rule"),
    ...(inner === undefined ? {} : { inner }),
  };
}

/** Who asks the ports from outside. */
export interface Asker {
  /** VMID of a guest on the LAN, or `-`, the node itself. */
  readonly from: string;
  readonly name: string;
}

/** The questions; a test answers them itself. */
export interface PublicQuestions {
  readonly inside: (host: PublicHost) => Promise<InsideView>;
  readonly open: (
    asker: Asker,
    address: string,
    ports: readonly number[],
  ) => Promise<readonly number[]>;
  /** Rules under `obsoleteNat` that are still there, one a line. */
  readonly oldRules: () => Promise<readonly string[]>;
  /** `NAME ADDRESS` lines, as a guest behind the appliance has them. */
  readonly names: (vmid: number, names: readonly string[]) => Promise<readonly string[]>;
}

/** Asks the node of a stack; every guest once. */
export function askNode(stack: Stack): PublicQuestions {
  const { site } = stack;
  const views = new Map<number, Promise<InsideView>>();
  const ask = async (script: string, ...args: readonly string[]) =>
    linesOf(await runOnNode(stack, { script, args }));
  const insideOf = async (host: PublicHost) => {
    const args = ["inside", String(host.vmid), innerTarget(site, host)];
    return parseInside(await runOnNode(stack, { script: "ask-public.sh", args }));
  };
  return {
    inside: (host) => {
      const known = views.get(host.vmid) ?? insideOf(host);
      views.set(host.vmid, known);
      return known;
    },
    open: async ({ from }, address, ports) =>
      (await ask("ask-public.sh", "open", from, address, ...ports.map(String))).map(Number),
    oldRules: async () => {
      const args = ["list", ...obsoleteEntries(site)];
      const call = { script: "obsolete-nat.sh", args, files: obsoleteNatProgram };
      return linesOf(await runOnNode(stack, call));
    },
    names: (vmid, names) => ask("ask.sh", "names", String(vmid), ...names),
  };
}

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

/** Somebody on a host's inner side: its router, or the appliance. `-` where nobody is known. */
function innerTarget({ guests, network }: Site, { name }: PublicHost): string {
  const guest = guests.find((one) => one.name === name);
  return guest === undefined
    ? network.gateway
    : (guest.internal.gateway ?? neighbourOf(guest) ?? "-");
}

function neighbourOf(guest: Guest): string | undefined {
  const cidr = parseCidr(guest.internal.address);
  if (cidr === undefined) return undefined;
  return cidr.first === innerAddress(guest) ? cidr.last : cidr.first;
}
