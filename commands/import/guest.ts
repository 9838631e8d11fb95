/** A Phoenix container as a guest. */
import { isIpv4, isUnicastMac, parseCidr } from "../../model/net";
import { addressesAt, NO_RESOLVER } from "./dns";
import type { Place } from "./place";
import { switchAt, textAt, wholeAt, type Problems } from "./values";

/** Keys that a `publicInterface` takes, in Phoenix's spelling and in this program's. */
const PUBLIC_KEYS = [
  ...["enabled", "type", "mode", "ip", "gw", "mac_address"],
  ...["macAddress", "hostShim", "firewall"],
];

/** The bridge of a container that names none, in old versions of Phoenix. */
const DEFAULT_BRIDGE = "vmbr0";
const NO_BRIDGE = `it names no bridge, so it is ${DEFAULT_BRIDGE}, as old versions of Phoenix had it.`;

/** Values that ask for nothing, or for what is so anyway, by the container's key. */
const NOTHING: Readonly<Record<string, readonly unknown[]>> = {
  unprivileged: [true],
  start_at_boot: [true],
  gpu_assignment: ["none", ""],
  portainer_role: ["none", ""],
  nvidia_pci_ids: [""],
  features: ["nesting=1", ""],
  run_integration_tests: [false],
  enable_lifecycle_snapshots: [false],
};

/** What of a guest its container says. */
interface Guest {
  /** In the words of the schema. */
  readonly guest: Readonly<Record<string, unknown>>;
  /** Whether it has a fixed address inside and one on the LAN: then old rules of the node led to it. */
  readonly hasAddresses: boolean;
}

/** Reads one container; `publicBridge` is the LAN's. */
export function guestOf(one: Place, publicBridge: string, problems: Problems): Guest {
  for (const [key, values] of Object.entries(NOTHING))
    if (values.includes(one.at(key).value)) one.at(key).use();
  for (const item of one.at("pct_options").places()) if (item.value === "nesting=1") item.use();
  const { nameservers, ...internal } = innerOf(one, problems);
  const nic = publicOf(one.at("public_interface"), publicBridge);
  const address = internal["address"];
  return {
    guest: known({
      vmid: Number(one.key),
      internal: Object.keys(internal).length === 0 ? undefined : internal,
      nameservers,
      public_interface: nic,
      cores: wholeAt(one.at("cores"), problems),
      memory: wholeAt(one.at("memory_mb"), problems),
      swap: swapOf(one, problems),
      disk: wholeAt(one.at("storage_size_gb"), problems),
    }),
    hasAddresses: nic !== undefined && address !== undefined && address !== "dhcp",
  };
}

function known(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Two spellings of one thing: the first that is there; a second one that differs is left. */
function oneOf(
  places: readonly Place[],
  read: (place: Place) => string | number | undefined,
): string | number | undefined {
  const [first, ...others] = places.filter(({ value }) => value !== undefined && value !== null);
  if (first === undefined) return undefined;
  const value = read(first);
  for (const other of others)
    if (String(read(other)).toLowerCase() !== String(value).toLowerCase())
      other.leave(`it differs from ${first.key}, which is taken.`);
  return value;
}

function swapOf(one: Place, problems: Problems) {
  return oneOf([one.at("swap_mb"), one.at("swap")], (place) => wholeAt(place, problems));
}

function innerOf(one: Place, problems: Problems): Readonly<Record<string, unknown>> {
  const config = one.at("network_config");
  if (typeof config.value === "string") return lineOf(one, config, problems);
  const address = oneOf([config.at("ip"), one.at("static_ip")], (place) => textAt(place, problems));
  if (config.at("name").value === "eth0") config.at("name").use();
  const resolvers = [config.at("nameservers"), config.at("nameserver")].flatMap((place) =>
    addressesAt(place, problems),
  );
  return known({
    bridge: bridgeOf(config.at("bridge"), isFixed(address), problems),
    address,
    gateway: gatewayOf(config.at("gw"), address, problems),
    mac: macOf([one.at("mac_address"), config.at("hwaddr")], problems),
    nameservers: resolvers.length === 0 ? undefined : [...new Set(resolvers)],
  });
}

const isFixed = (address: string | number | undefined): boolean =>
  address !== undefined && address !== "dhcp";

function bridgeOf(place: Place, hasAddress: boolean, problems: Problems): string | undefined {
  const name = textAt(place, problems);
  const [, parent] = /^(.+)\.\d+$/.exec(name ?? "") ?? [];
  if (parent !== undefined)
    place.leave(
      `it is a VLAN interface of ${parent}, and Proxmox attaches a guest to a bridge alone. Make a bridge on the node for that VLAN, and write its name into internal.bridge.`,
    );
  if (name !== undefined || !hasAddress) return name;
  place.leave(NO_BRIDGE);
  return DEFAULT_BRIDGE;
}

function gatewayOf(
  place: Place,
  address: string | number | undefined,
  problems: Problems,
): string | undefined {
  const gateway = textAt(place, problems);
  if (gateway === undefined || isFixed(address)) return gateway;
  place.leave("without a fixed address, the router is the one that DHCP announces.");
  return undefined;
}

/** A MAC address that no interface can have is left, and one is derived. */
function macOf(places: readonly Place[], problems: Problems): string | number | undefined {
  const usable = places.filter((place) => {
    const isUsable =
      typeof place.value !== "string" || place.value === "" || isUnicastMac(place.value);
    if (!isUsable) place.leave("it is not a unicast MAC address, so one is derived.");
    return isUsable;
  });
  return oneOf(usable, (place) => textAt(place, problems));
}

/** The line of older files: `ADDRESS/PREFIX,ROUTER,RESOLVER...`. */
function lineOf(one: Place, config: Place, problems: Problems) {
  const [address = "", gateway = "", ...others] = String(config.value)
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  config.use();
  if (address !== "dhcp" && parseCidr(address) === undefined)
    problems.push(
      `${config.path.slice(-2).join(".")}: must be ADDRESS/PREFIX,ROUTER,RESOLVER or an object.`,
    );
  config.leave(NO_BRIDGE);
  const resolvers = others.filter(isIpv4);
  if (resolvers.length < others.length) config.leave(NO_RESOLVER);
  return known({
    bridge: DEFAULT_BRIDGE,
    address: oneOf([config, one.at("static_ip")], (place) =>
      place === config ? address : textAt(place, problems),
    ),
    gateway: address === "dhcp" || gateway === "" ? undefined : gateway,
    mac: macOf([one.at("mac_address")], problems),
    nameservers: resolvers.length === 0 ? undefined : resolvers,
  });
}

/** The interface on the LAN. Phoenix makes it only when `enabled` is true; otherwise it is left out. */
function publicOf(nic: Place, publicBridge: string): Readonly<Record<string, unknown>> | undefined {
  if (nic.places().length === 0) return undefined;
  const isEnabled = switchAt(nic.at("enabled"));
  if (isEnabled !== true) {
    nic.leave(
      isEnabled === undefined
        ? "it does not say enabled: true, so it is off, and left out."
        : "it is switched off, so it is left out.",
    );
    return undefined;
  }
  if (nic.at("bridge").value === publicBridge) nic.at("bridge").use();
  if (nic.at("name").value === "eth1") nic.at("name").use();
  const parts = nic
    .places()
    .filter(({ key, value }) => PUBLIC_KEYS.includes(key) && value !== null);
  for (const part of parts) part.use();
  const written = parts.filter(({ value }) => value !== "");
  return { ...Object.fromEntries(written.map(({ key, value }) => [key, value])), enabled: true };
}
