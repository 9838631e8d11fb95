import { isIPv4, isIPv6 } from "node:net";

import { splitList } from "../server/params";

/** Says what is wrong with a value, in Proxmox's words, or undefined when it fits. */
type FormatCheck = (value: string) => string | undefined;

const matches =
  (pattern: RegExp, complaint: string): FormatCheck =>
  (value) =>
    pattern.test(value) ? undefined : complaint.replace("%s", value);

const holds =
  (test: (value: string) => boolean, complaint: string): FormatCheck =>
  (value) =>
    test(value) ? undefined : complaint;

const cidr =
  (isAddress: (text: string) => boolean, bits: number) =>
  (value: string): boolean => {
    const [address = "", prefix = "", ...rest] = value.split("/");
    if (rest.length > 0 || !isAddress(address) || !/^\d{1,3}$/.test(prefix)) return false;
    // Proxmox takes no network wider than /8.
    return Number(prefix) > 7 && Number(prefix) <= bits;
  };

const isCidr4 = cidr(isIPv4, 32);
const isCidr6 = cidr(isIPv6, 128);
const isCidr = (value: string): boolean => isCidr4(value) || isCidr6(value);
const isIp = (value: string): boolean => isIPv4(value) || isIPv6(value);

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const PORT = "(?:\\d{1,5}(?::\\d{1,5})?|[A-Za-z][A-Za-z0-9-]*)";

/** Named formats of the schema that have no pattern in it (docs/proxmox/containers-and-nics.md 1,
 * docs/proxmox/firewall.md 3, docs/proxmox/network.md 1). */
const FORMATS: ReadonlyMap<string, FormatCheck> = new Map([
  [
    "pve-node",
    matches(
      /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
      "value does not look like a valid node name",
    ),
  ],
  ["pve-vmid", matches(/^[1-9]\d{2,8}$/, "value does not look like a valid VM ID")],
  ["pve-configid", matches(/^[a-z][a-z0-9_-]+$/i, "invalid configuration ID '%s'")],
  ["pve-storage-id", matches(/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i, "invalid storage ID '%s'")],
  ["pve-volume-id", matches(/^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i, "unable to parse volume ID '%s'")],
  [
    "pve-poolid",
    matches(
      /^[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2}$/,
      "value '%s' contains invalid characters",
    ),
  ],
  [
    "pve-iface",
    matches(/^[a-z][a-z0-9_]{1,20}(?:[:.]\d+)?$/i, "invalid network interface name '%s'"),
  ],
  ["pve-bridge-id", matches(/^[-_.\w]+$/, "invalid bridge name '%s'")],
  ["pve-tag", matches(/^[a-z0-9_][a-z0-9_\-+.]*$/i, "invalid characters in tag")],
  [
    "pve-startup-order",
    matches(
      /^(?:(?:order=)?\d+|up=\d+|down=\d+)(?:,(?:(?:order=)?\d+|up=\d+|down=\d+))*$/,
      "unable to parse startup options",
    ),
  ],
  [
    "pve-ct-timezone",
    matches(/^(?:host|[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*)$/, "invalid time zone '%s'"),
  ],
  ["pve-lxc-mp-string", matches(/^(?!.*(?:^|\/)\.\.?(?:\/|$)).+$/, "invalid mount point '%s'")],
  [
    "pve-lxc-dev-string",
    matches(/^\/dev\/(?!.*(?:^|\/)\.\.?(?:\/|$)).+$/, "%s does not start with /dev/"),
  ],
  ["pve-vlan-id-or-range", matches(/^\d+(?:-\d+)?$/, "invalid VLAN or range '%s'")],
  [
    "disk-size",
    matches(/^\d+(?:\.\d+)?[KMGT]?$/, "value does not look like a valid disk size: %s"),
  ],
  [
    "mac-addr",
    matches(
      /^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i,
      "value does not look like a valid unicast MAC address",
    ),
  ],
  [
    "dns-name",
    matches(new RegExp(`^${LABEL}(?:\\.${LABEL})*$`), "value does not look like a valid DNS name"),
  ],
  [
    "address",
    holds(
      (value) => isIp(value) || new RegExp(`^${LABEL}(?:\\.${LABEL})*$`).test(value),
      "value does not look like a valid address",
    ),
  ],
  ["ip", holds(isIp, "value does not look like a valid IP address")],
  ["ipv4", holds(isIPv4, "value does not look like a valid IPv4 address")],
  ["ipv6", holds(isIPv6, "value does not look like a valid IPv6 address")],
  [
    "ipv4mask",
    holds(
      (value) => isIPv4(value) || /^(?:[89]|[12]\d|3[0-2])$/.test(value),
      "value does not look like a valid IPv4 netmask",
    ),
  ],
  ["CIDR", holds(isCidr, "value does not look like a valid CIDR network")],
  ["CIDRv4", holds(isCidr4, "value does not look like a valid IPv4 network")],
  ["CIDRv6", holds(isCidr6, "value does not look like a valid IPv6 network")],
  [
    "IPorCIDR",
    holds(
      (value) => isIp(value) || isCidr(value),
      "value does not look like a valid IP address or CIDR network",
    ),
  ],
  [
    "IPorCIDRorAlias",
    holds(
      (value) =>
        isIp(value) || isCidr(value) || /^(?:(?:dc|guest)\/)?[A-Za-z][A-Za-z0-9\-_]+$/.test(value),
      "value does not look like a valid IP address, CIDR network or alias",
    ),
  ],
  [
    "pve-ipv4-config",
    holds(
      (value) => ["dhcp", "manual"].includes(value) || isCidr4(value),
      "value does not look like a valid ipv4 network configuration",
    ),
  ],
  [
    "pve-ipv6-config",
    holds(
      (value) => ["auto", "dhcp", "manual"].includes(value) || isCidr6(value),
      "value does not look like a valid ipv6 network configuration",
    ),
  ],
  [
    "lxc-ip-with-ll-iface",
    holds(
      (value) => value === "host" || isIp(value) || /^fe80:[0-9a-f:]*%\w+$/i.test(value),
      "value does not look like a valid IP address",
    ),
  ],
  ["pve-fw-addr-spec", matches(/^[^\s]+$/, "unable to parse address list '%s'")],
  ["pve-fw-dport-spec", matches(new RegExp(`^${PORT}(?:,${PORT})*$`), "invalid port '%s'")],
  ["pve-fw-sport-spec", matches(new RegExp(`^${PORT}(?:,${PORT})*$`), "invalid port '%s'")],
  ["pve-fw-protocol-spec", matches(/^[a-z0-9-]+$/i, "unknown protocol '%s'")],
]);

/** What a named format has against a value, or undefined; a format without a rule here accepts all. */
export function checkFormat(format: string, value: string): string | undefined {
  const check = FORMATS.get(format);
  if (check !== undefined) return check(value);
  const element = format.endsWith("-list")
    ? FORMATS.get(format.slice(0, -"-list".length))
    : undefined;
  if (element === undefined) return undefined;
  for (const entry of splitList(value)) {
    const complaint = element(entry);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}
