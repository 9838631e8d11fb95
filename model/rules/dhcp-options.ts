/** Which DHCP options a person may add: known to dnsmasq, and not set by the appliance itself. */
import type { SiteRule } from "./rule";

/** What `dnsmasq --help dhcp` prints, as far as a person may set it. */
const names: readonly string[] = [
  ..."time-offset log-server lpr-server boot-file-size swap-server root-path".split(" "),
  ..."extension-path ip-forward-enable non-local-source-routing policy-filter".split(" "),
  ..."max-datagram-reassembly default-ttl all-subnets-local router-discovery".split(" "),
  ..."router-solicitation static-route trailer-encapsulation arp-timeout".split(" "),
  ..."ethernet-encap tcp-ttl tcp-keepalive nis-domain nis-server ntp-server".split(" "),
  ..."netbios-ns netbios-dd netbios-nodetype netbios-scope x-windows-fs".split(" "),
  ..."x-windows-dm vendor-class nis+-domain nis+-server tftp-server".split(" "),
  ..."bootfile-name mobile-ip-home smtp-server pop3-server nntp-server".split(" "),
  ..."irc-server user-class posix-timezone tzdb-timezone sip-server".split(" "),
  ..."classless-static-route vendor-id-encap tftp-server-address".split(" "),
];

/** What the appliance says itself, by number and name, and the key that decides it (RFC 2132). */
const own: Readonly<Record<string, string>> = {
  "1": "network.cidr",
  netmask: "network.cidr",
  "3": "network.gateway",
  router: "network.gateway",
  "6": "network.gateway",
  "dns-server": "network.gateway",
  "12": "the app's name",
  "15": "network.domain",
  "domain-name": "network.domain",
  "26": "network.mtu",
  mtu: "network.mtu",
  "28": "network.cidr",
  "50": "the app's address",
  "51": "network.dhcp.leaseHours",
  "53": "DHCP itself",
  "54": "network.gateway",
  "58": "network.dhcp.leaseHours",
  T1: "network.dhcp.leaseHours",
  "59": "network.dhcp.leaseHours",
  T2: "network.dhcp.leaseHours",
  "119": "network.domain",
  "domain-search": "network.domain",
};

/** The rule of `network.dhcp.options`. */
export const dhcpOptions: SiteRule = ({ network }) =>
  Object.keys(network.dhcp.options).flatMap((option) => {
    const path = `network.dhcp.options.${option}`;
    const decided = own[option];
    if (decided !== undefined)
      return [
        { path, message: `the appliance sets it itself, from ${decided}. Remove it, or set that.` },
      ];
    const number = /^\d+$/.test(option) ? Number(option) : undefined;
    const known =
      number === undefined ? names.includes(option) : number > 0 && number < 255 && number !== 52;
    return known
      ? []
      : [
          {
            path,
            message: `dnsmasq knows no option "${option}". Write its number from 1 to 254, or a name that \`dnsmasq --help dhcp\` prints.`,
          },
        ];
  });
