/** What must hold for the private network itself. */
import { isHostAddress, networkOf, toNumber } from "../net";
import { poolOf } from "../pool";
import type { Topology } from "../topology";
import type { SiteRule } from "./rule";

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
          message: `${gateway} is not a host address of ${networkOf(cidr)}. Choose one from ${cidr.first} to ${cidr.last}.`,
        },
      ];

const poolInside: SiteRule = ({ network: { cidr, dhcp } }) =>
  (["start", "end"] as const)
    .filter((edge) => !isHostAddress(cidr, dhcp[edge]))
    .map((edge) => ({
      path: `network.dhcp.${edge}`,
      message: `${dhcp[edge]} is not a host address of ${networkOf(cidr)}. Choose one from ${cidr.first} to ${cidr.last}.`,
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

/** Dnsmasq knows no reservation for a guest that sets its own address. */
const poolWithoutGuests: SiteRule = (site) =>
  site.guests.flatMap(({ name, internal: { bridge, address } }) => {
    const [host = ""] = address.split("/");
    if (bridge !== site.network.bridge || address === "dhcp" || !inPool(site, host)) return [];
    const { start, end } = site.network.dhcp;
    return [
      {
        path: `guests.${name}.internal.address`,
        message: `${host} is in the DHCP range ${start} - ${end}, which may give it to an app. Choose an address outside the range, or another range.`,
      },
    ];
  });

const poolLargeEnough: SiteRule = (site) => {
  const { start, end } = site.network.dhcp;
  const { size, needed } = poolOf(site);
  return size < 1 || needed <= size
    ? []
    : [
        {
          path: "apps",
          message: `${needed} apps want an address of the pool ${start} - ${end}, which has ${size}. Widen the pool, or reserve addresses outside it.`,
        },
      ];
};

/** The rules of the network and its address pool. */
export const networkRules: readonly SiteRule[] = [
  networkSize,
  networkWritten,
  gatewayInside,
  poolInside,
  poolOrder,
  poolWithoutGateway,
  poolWithoutGuests,
  poolLargeEnough,
];
