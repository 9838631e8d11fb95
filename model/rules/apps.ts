/** What must hold for each app by itself. */
import { isHostAddress, isLabel, networkOf, toLabel } from "../net";
import type { SiteRule } from "./rule";

/** Names that the appliance needs: a path of the proxy, a DNS name of its own, words of `dhcp-host` (dnsmasq(8)). */
export const reservedNames: readonly string[] = ["api", "gateway", "ignore", "infinite"];

/** What `dhcp-host` would take for a lease time instead of a name. */
const leaseTime = /^\d+[smhdw]?$/;

const appNames: SiteRule = ({ apps }) =>
  apps.flatMap(({ name }) => {
    const path = `apps.${name}`;
    if (!isLabel(name))
      return [
        {
          path,
          message: `"${name}" is not a host name. Use lower-case letters, digits and hyphens, such as ${toLabel(name) || "app-1"}.`,
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

/** The rules of names and reservations. */
export const appRules: readonly SiteRule[] = [appNames, reservationsInside];
