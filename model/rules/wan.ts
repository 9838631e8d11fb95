/** What must hold between the appliance and the LAN outside. */
import { contains, networkOf, overlaps, parseCidr } from "../net";
import type { SiteRule } from "./rule";

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

/** The rules of the appliance's WAN side. */
export const wanRules: readonly SiteRule[] = [bridgesDiffer, wanGateway, wanApart];
