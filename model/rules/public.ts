/** What must hold for guests and their addresses on the LAN, before the node is asked. */
import { innerAddress, type Guest } from "../guest";
import { isHostAddress, isIpv4, isLabel, networkOf, parseCidr, toLabel } from "../net";
import type { Problem } from "../problem";
import { publicHosts, type PublicInterface } from "../public-interface";
import type { Topology } from "../topology";
import { firewallRules } from "./firewall";
import type { SiteRule } from "./rule";

/** Runs one check over every guest, with its path. */
const eachGuest =
  (check: (guest: Guest, path: string, site: Topology) => readonly Problem[]): SiteRule =>
  (site) =>
    site.guests.flatMap((guest) => check(guest, `guests.${guest.name}`, site));

/** The same over every interface on the LAN, an app's or a guest's. */
const eachInterface =
  (check: (nic: PublicInterface, path: string) => readonly Problem[]): SiteRule =>
  (site) =>
    publicHosts(site).flatMap(({ nic, path }) => check(nic, path));

const names = eachGuest(({ name }, path) =>
  isLabel(name)
    ? []
    : [
        {
          path,
          message: `"${name}" is not a host name. Use lower-case letters, digits and hyphens, such as ${toLabel(name) || "gateway"}.`,
        },
      ],
);

const publicAddress = eachInterface(({ ip, gw }, at) => {
  const network = networkOf(ip);
  const own = isHostAddress(ip, ip.address)
    ? []
    : [
        {
          path: `${at}.ip`,
          message: `${ip.address} is not a host address of ${network}. Choose one from ${ip.first} to ${ip.last}.`,
        },
      ];
  if (gw === undefined) return own;
  if (gw === ip.address)
    return [
      ...own,
      { path: `${at}.gw`, message: `${gw} is the guest's own address. Write the LAN's router.` },
    ];
  return isHostAddress(ip, gw)
    ? own
    : [
        ...own,
        {
          path: `${at}.gw`,
          message: `${gw} is outside ${network}. Write the router of that network.`,
        },
      ];
});

const shimOnlyForMacvlan = eachInterface(({ hostShim, type }, path) =>
  hostShim && type !== "macvlan"
    ? [
        {
          path: `${path}.hostShim`,
          message:
            type === "veth"
              ? "the node reaches a veth interface without it. Leave it out."
              : `it works for macvlan only, not for ${type}. Leave it out, or use macvlan.`,
        },
      ]
    : [],
);

const innerRouter = eachGuest(({ internal, publicInterface: nic }, path) => {
  const at = `${path}.internal.gateway`;
  const cidr = parseCidr(internal.address);
  if (cidr === undefined)
    return internal.gateway === undefined
      ? []
      : [
          {
            path: at,
            message: "DHCP gives the router of that side. Leave it out, or write a static address.",
          },
        ];
  if (internal.gateway === undefined)
    return nic?.gw === undefined
      ? [
          {
            path: at,
            message:
              "is missing: without it and without a public gw the guest has no default route.",
          },
        ]
      : [];
  return isHostAddress(cidr, internal.gateway)
    ? []
    : [
        {
          path: at,
          message: `${internal.gateway} is outside ${networkOf(cidr)}. Write a router of that network.`,
        },
      ];
});

const innerNetwork = eachGuest(({ internal }, path, { network }) => {
  const cidr = parseCidr(internal.address);
  return cidr === undefined ||
    internal.bridge !== network.bridge ||
    networkOf(cidr) === networkOf(network.cidr)
    ? []
    : [
        {
          path: `${path}.internal.address`,
          message: `${internal.address} is not of ${networkOf(network.cidr)}, the network of ${network.bridge}. Choose an address there, or another bridge.`,
        },
      ];
});

/** An app on the LAN has one address there already; a second one would be a way around its filter. */
const notBesideDirect: SiteRule = ({ apps }) =>
  apps.flatMap(({ name, network, publicInterface: nic }) =>
    network === "direct" && nic !== undefined
      ? [
          {
            path: `apps.${name}.publicInterface`,
            message: `${name} is on the LAN already, by network: direct. Leave one of the two out.`,
          },
        ]
      : [],
  );

/** A name under obsoleteNat must lead to an address. */
const natNames: SiteRule = ({ obsoleteNat, guests }) =>
  obsoleteNat.flatMap((entry, index) => {
    if (isIpv4(entry) || entry.includes(" ")) return [];
    const path = `obsoleteNat.${index}`;
    const guest = guests.find(({ name }) => name === entry);
    if (guest === undefined)
      return [
        { path, message: `there is no guest "${entry}". Write its inner address, or the rule.` },
      ];
    return innerAddress(guest) === undefined
      ? [
          {
            path,
            message: `"${entry}" has its inner address from DHCP. Write the address that the old rules lead to.`,
          },
        ]
      : [];
  });

/** The rules of guests and of their public interfaces. */
export const publicRules: readonly SiteRule[] = [
  names,
  innerRouter,
  innerNetwork,
  publicAddress,
  notBesideDirect,
  shimOnlyForMacvlan,
  ...firewallRules,
  natNames,
];
