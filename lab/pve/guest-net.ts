import { randomBytes } from "node:crypto";

import type { PropertyFormat } from "../schema/schema";
import { parsePropertyString, printPropertyString } from "./property-string";

const text = (extra: object = {}) => ({ type: "string", optional: 1, ...extra });
const flag = { type: "boolean", optional: 1 };

/** Keys of `netN` (docs/proxmox/containers-and-nics.md 1); type knows only veth, so macvlan is refused. */
const NET_FORMAT: PropertyFormat = {
  name: { type: "string", pattern: "[-_.\\w\\d]+" },
  bridge: text({ pattern: "[-_.\\w\\d]+" }),
  hwaddr: text({ format: "mac-addr" }),
  type: text({ enum: ["veth"] }),
  ip: text({ format: "pve-ipv4-config" }),
  ip6: text({ format: "pve-ipv6-config" }),
  gw: text({ format: "ipv4" }),
  gw6: text({ format: "ipv6" }),
  mtu: { type: "integer", optional: 1, minimum: 64, maximum: 65535 },
  tag: { type: "integer", optional: 1, minimum: 1, maximum: 4094 },
  trunks: text({ pattern: "\\d+(?:;\\d+)*" }),
  rate: { type: "number", optional: 1 },
  firewall: flag,
  link_down: flag,
  "host-managed": flag,
};

/** One `netN` of a guest. */
export interface GuestNet {
  readonly index: number;
  readonly name: string;
  readonly bridge: string | undefined;
  readonly hwaddr: string;
  readonly ip: string | undefined;
  readonly gw: string | undefined;
  readonly ip6: string | undefined;
  readonly gw6: string | undefined;
  readonly mtu: number | undefined;
  readonly linkDown: boolean;
  readonly firewall: boolean;
}

/** A fresh unicast MAC address under the prefix that Proxmox uses by default. */
const newMac = (): string =>
  ["BC", "24", "11", ...[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0"))]
    .join(":")
    .toUpperCase();

/** A `netN` text as Proxmox stores it: checked, with hwaddr and type filled in; a wrong one is a 400. */
export function completeNet(key: string, value: string): string {
  const values = parsePropertyString(key, NET_FORMAT, value);
  values.set("hwaddr", (values.get("hwaddr") ?? newMac()).toUpperCase());
  values.set("type", "veth");
  return printPropertyString(NET_FORMAT, values);
}

/** The bridge that a `netN` text names and the VLANs of it that it joins; a wrong text is a 400. */
export function attachmentOf(
  key: string,
  value: string,
): { readonly bridge: string | undefined; readonly vlans: readonly string[] } {
  const values = parsePropertyString(key, NET_FORMAT, value);
  const [tag, trunks] = [values.get("tag"), values.get("trunks")];
  const vlans = [...(tag === undefined ? [] : [tag]), ...(trunks?.split(";") ?? [])];
  return { bridge: values.get("bridge"), vlans };
}

/** Reads the stored `netN` texts of a guest, by index; a broken one is a ParameterError, as at a real start. */
export function guestNets(keys: ReadonlyMap<string, string>): readonly GuestNet[] {
  const nets: GuestNet[] = [];
  for (const [key, value] of keys) {
    const index = /^net(\d+)$/.exec(key)?.[1];
    if (index === undefined) continue;
    const values = parsePropertyString(key, NET_FORMAT, value);
    const mtu = values.get("mtu");
    nets.push({
      index: Number(index),
      name: values.get("name") ?? "",
      bridge: values.get("bridge"),
      hwaddr: values.get("hwaddr") ?? newMac(),
      ip: values.get("ip"),
      gw: values.get("gw"),
      ip6: values.get("ip6"),
      gw6: values.get("gw6"),
      mtu: mtu === undefined ? undefined : Number(mtu),
      linkDown: values.get("link_down") === "1",
      firewall: values.get("firewall") === "1",
    });
  }
  return nets.sort((a, b) => a.index - b.index);
}
