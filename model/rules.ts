/** What must hold for a whole site: each rule takes the site and returns what is wrong with it. */
import {
  contains,
  isHostAddress,
  isLabel,
  networkOf,
  overlaps,
  parseCidr,
  toLabel,
  toNumber,
} from "./net";
import type { Problem } from "./problem";
import type { Topology } from "./topology";

/** A predicate over the whole site; an empty list means it holds. */
export type SiteRule = (site: Topology) => readonly Problem[];

/** Names that the appliance needs: a path of the proxy, a DNS name of its own, words of `dhcp-host` (dnsmasq(8)). */
export const reservedNames: readonly string[] = ["api", "gateway", "ignore", "infinite"];

/** What `dhcp-host` would take for a lease time instead of a name. */
const leaseTime = /^\d+[smhdw]?$/;

const networkSize: SiteRule = ({ network: { cidr } }) =>
  cidr.prefix >= 16 && cidr.prefix <= 29
    ? []
    : [
        {
          path: "network.cidr",
          message: `${networkOf(cidr)} is ${cidr.prefix < 16 ? "too large" : "too small"}. Choose a prefix from /16 to /29.`,
        },
      ];

const networkWritten: SiteRule = ({ network: { cidr } }) =>
  cidr.address === cidr.network
    ? []
    : [
        {
          path: "network.cidr",
          message: `${cidr.address}/${cidr.prefix} has host bits set. Write the network as ${networkOf(cidr)}.`,
        },
      ];

const gatewayInside: SiteRule = ({ network: { cidr, gateway } }) =>
  isHostAddress(cidr, gateway)
    ? []
    : [
        {
          path: "network.gateway",
          message: `${gateway} is no host address of ${networkOf(cidr)}. Choose one from ${cidr.first} to ${cidr.last}.`,
        },
      ];

const poolInside: SiteRule = ({ network: { cidr, dhcp } }) =>
  (["start", "end"] as const)
    .filter((edge) => !isHostAddress(cidr, dhcp[edge]))
    .map((edge) => ({
      path: `network.dhcp.${edge}`,
      message: `${dhcp[edge]} is no host address of ${networkOf(cidr)}. Choose one from ${cidr.first} to ${cidr.last}.`,
    }));

const poolOrder: SiteRule = ({ network: { dhcp } }) =>
  toNumber(dhcp.start) <= toNumber(dhcp.end)
    ? []
    : [
        {
          path: "network.dhcp",
          message: `start ${dhcp.start} is above end ${dhcp.end}. Swap them.`,
        },
      ];

const inPool = ({ network: { dhcp } }: Topology, address: string) =>
  toNumber(address) >= toNumber(dhcp.start) && toNumber(address) <= toNumber(dhcp.end);

const poolWithoutGateway: SiteRule = (site) =>
  inPool(site, site.network.gateway)
    ? [
        {
          path: "network.dhcp",
          message: `the pool ${site.network.dhcp.start} - ${site.network.dhcp.end} holds the gateway ${site.network.gateway}. Move one of them.`,
        },
      ]
    : [];

const poolLargeEnough: SiteRule = (site) => {
  const { start, end } = site.network.dhcp;
  const size = toNumber(end) - toNumber(start) + 1;
  const reserved = site.apps.filter(
    ({ address }) => address !== undefined && inPool(site, address),
  );
  const wanted = site.apps.filter(({ address }) => address === undefined).length + reserved.length;
  return size < 1 || wanted <= size
    ? []
    : [
        {
          path: "apps",
          message: `${wanted} apps want an address of the pool ${start} - ${end}, which has ${size}. Widen the pool, or reserve addresses outside it.`,
        },
      ];
};

const reservationsInside: SiteRule = ({ network: { cidr, gateway }, apps }) =>
  apps.flatMap(({ name, address }) => {
    if (address === undefined) return [];
    const path = `apps.${name}.address`;
    if (!isHostAddress(cidr, address))
      return [
        {
          path,
          message: `${address} is outside the network ${networkOf(cidr)}. Choose one from ${cidr.first} to ${cidr.last}.`,
        },
      ];
    return address === gateway
      ? [{ path, message: `${address} is the gateway. Choose another address.` }]
      : [];
  });

const appNames: SiteRule = ({ apps }) =>
  apps.flatMap(({ name }) => {
    const path = `apps.${name}`;
    if (!isLabel(name))
      return [
        {
          path,
          message: `"${name}" is no host name. Use lower-case letters, digits and hyphens, such as ${toLabel(name) || "app-1"}.`,
        },
      ];
    return reservedNames.includes(name) || leaseTime.test(name)
      ? [
          {
            path,
            message: `the appliance's proxy or DHCP needs "${name}" itself. Choose another name.`,
          },
        ]
      : [];
  });

/** One problem for each later holder of a value that an earlier one has. */
function duplicates(
  what: string,
  holders: readonly { readonly path: string; readonly value: string }[],
): readonly Problem[] {
  const first = new Map<string, string>();
  return holders.flatMap(({ path, value }) => {
    const holder = first.get(value);
    if (holder === undefined) {
      first.set(value, path);
      return [];
    }
    return [{ path, message: `${what} ${value} is also that of ${holder}. Change one of them.` }];
  });
}

const uniqueVmids: SiteRule = ({ appliance, apps }) =>
  duplicates("VMID", [
    { path: "appliance.vmid", value: String(appliance.vmid) },
    ...apps.map(({ name, vmid }) => ({ path: `apps.${name}.vmid`, value: String(vmid) })),
  ]);

const uniqueNames: SiteRule = ({ appliance, apps }) =>
  duplicates("host name", [
    { path: "appliance.hostname", value: appliance.hostname },
    ...apps.map(({ name }) => ({ path: `apps.${name}`, value: toLabel(name) })),
  ]);

const uniqueMacs: SiteRule = ({ apps }) =>
  duplicates(
    "MAC",
    apps.map(({ name, mac }) => ({ path: `apps.${name}.mac`, value: mac })),
  );

const uniqueAddresses: SiteRule = ({ apps }) =>
  duplicates(
    "address",
    apps.flatMap(({ name, address }) =>
      address === undefined ? [] : [{ path: `apps.${name}.address`, value: address }],
    ),
  );

const bridgesDiffer: SiteRule = ({ network, appliance }) =>
  network.bridge === appliance.wan.bridge
    ? [
        {
          path: "network.bridge",
          message: `${network.bridge} is also the WAN bridge, so nothing would be isolated. Choose another name.`,
        },
      ]
    : [];

const wanGateway: SiteRule = ({ appliance: { wan } }) => {
  const path = "appliance.wan.gateway";
  if (wan.address === "dhcp")
    return wan.gateway === undefined
      ? []
      : [
          {
            path,
            message:
              "DHCP already brings a default gateway, and two default gateways compete. Remove it, or give a static address.",
          },
        ];
  if (wan.gateway === undefined)
    return [{ path, message: `is missing. The static address ${wan.address} needs one.` }];
  const cidr = parseCidr(wan.address);
  return cidr !== undefined && contains(cidr, wan.gateway)
    ? []
    : [
        {
          path,
          message: `${wan.gateway} is outside ${wan.address}. Choose the router of that network.`,
        },
      ];
};

const wanApart: SiteRule = ({ network, appliance: { wan } }) => {
  const cidr = wan.address === "dhcp" ? undefined : parseCidr(wan.address);
  return cidr === undefined || !overlaps(cidr, network.cidr)
    ? []
    : [
        {
          path: "network.cidr",
          message: `${networkOf(network.cidr)} overlaps the WAN network ${networkOf(cidr)}. Choose another private network.`,
        },
      ];
};

/** Every rule of a site, in the order in which a person reads the file. */
export const siteRules: readonly SiteRule[] = [
  networkSize,
  networkWritten,
  gatewayInside,
  poolInside,
  poolOrder,
  poolWithoutGateway,
  poolLargeEnough,
  bridgesDiffer,
  wanGateway,
  wanApart,
  appNames,
  uniqueNames,
  uniqueVmids,
  reservationsInside,
  uniqueAddresses,
  uniqueMacs,
];
