/** What must hold for the names that the appliance answers beside those of the apps. */
import type { Topology } from "../topology";
import type { SiteRule } from "./rule";

/** The appliance answers these itself, bare and with the domain. */
const gatewayName = "gateway";

const recordsFree: SiteRule = ({ network, appliance, apps }) => {
  const taken = new Map([
    [gatewayName, "the appliance"],
    [appliance.hostname, "the appliance"],
    ...apps.map(({ name }) => [name, `apps.${name}`] as const),
  ]);
  return Object.keys(network.dns.records).flatMap((host) => {
    const holder = taken.get(withoutDomain(host, network.domain));
    return holder === undefined
      ? []
      : [
          {
            path: `network.dns.records.${host}`,
            message: `is the name of ${holder}, which has its own address. Choose another name.`,
          },
        ];
  });
};

const domainsForeign: SiteRule = ({ network }) =>
  (["wildcards", "forwards"] as const).flatMap((kind) =>
    Object.keys(network.dns[kind])
      .filter((domain) => isBelow(domain, network.domain))
      .map((domain) => ({
        path: `network.dns.${kind}.${domain}`,
        message: `${network.domain} is the network's own domain, in which only its apps and records have names. Write a record instead, or choose another network.domain.`,
      })),
  );

/** dnsmasq would take one and drop the other without a word. */
const domainsOnce: SiteRule = ({ network: { dns } }) =>
  Object.keys(dns.forwards)
    .filter((domain) => dns.wildcards[domain] !== undefined)
    .map((domain) => ({
      path: `network.dns.forwards.${domain}`,
      message: `is also a wildcard. Remove one of them.`,
    }));

const forwardsElsewhere: SiteRule = (site) =>
  Object.entries(resolvers(site))
    .filter(([, servers]) => servers.includes(site.network.gateway))
    .map(([path]) => ({
      path,
      message: `${site.network.gateway} is the appliance, which would ask itself. Name another resolver.`,
    }));

function resolvers({ network }: Topology): Readonly<Record<string, readonly string[]>> {
  const forwards = Object.entries(network.dns.forwards);
  return {
    "network.upstreamDns": network.upstreamDns,
    ...Object.fromEntries(
      forwards.map(([domain, servers]) => [`network.dns.forwards.${domain}`, servers]),
    ),
  };
}

function withoutDomain(host: string, domain: string): string {
  return host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : host;
}

function isBelow(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

/** The rules of `network.dns`. */
export const dnsRules: readonly SiteRule[] = [
  recordsFree,
  domainsForeign,
  domainsOnce,
  forwardsElsewhere,
];
