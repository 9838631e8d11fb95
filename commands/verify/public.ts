/** The checklist of guests with an address of their own on the LAN, line by line as it was written down. */
import { wantsGateway } from "../../model/placement";
import { publicHosts, publicNic } from "../../model/public-interface";
import type { Site } from "../../model/site";
import { skipped, type Check, type Finding } from "../checks";
import { portsIn, wrongPorts } from "./public-ports";
import type { Asker, InsideView, PublicQuestions } from "./public-view";
import { all } from "./subject";

/** A host that has the interface. */
type Entry = ReturnType<typeof publicHosts>[number];

/** What a line that is not so asks for. */
const again = "Run the update again (make up); it puts right what differs.";

/** The lines of a site; none where nobody has an address on the LAN and no old rule is named. */
export function publicLines(site: Site, questions: PublicQuestions): readonly Check<unknown>[] {
  const hosts = publicHosts(site);
  const each =
    (what: string, wrong: (view: InsideView, entry: Entry) => readonly string[]) =>
    async (): Promise<Finding> => {
      const found: string[] = [];
      for (const entry of hosts) {
        const { name } = entry.host;
        const view = await questions.inside(entry.host);
        found.push(...wrong(view, entry).map((text) => `${name}: ${text}`));
      }
      return all(what, found, again);
    };
  const ofHosts: readonly Check<unknown>[] = [
    {
      name: `${publicNic.name} has the public address`,
      look: each(
        told(hosts, ({ ip }) => `${ip.address}/${ip.prefix}`),
        wrongAddress,
      ),
    },
    {
      name: `${publicNic.name} uses the declared MAC address`,
      look: each(
        told(hosts, ({ macAddress }) => macAddress),
        wrongMac,
      ),
    },
    { name: "nginx listens on all interfaces", look: nginxLine(site, questions) },
    { name: "DNS wildcards resolve to their address", look: dnsLine(site, questions) },
    {
      name: "Outside traffic reaches the declared ports and no others",
      look: portsLine(site, hosts, questions),
    },
    {
      name: "One default route, and replies leave where the request came in",
      look: each(
        told(hosts, ({ gw }) => (gw === undefined ? "no public router" : `via ${gw}`)),
        wrongRoutes,
      ),
    },
    {
      name: "Internal traffic flows over eth0",
      look: each("the inner side is reached by eth0", wrongInner),
    },
  ];
  const natLine: Check<unknown> = {
    name: "No host-level NAT is left",
    look: async () =>
      all(
        `none of obsoleteNat (${site.obsoleteNat.length} entries) is on the node`,
        (await questions.oldRules()).map((rule) => `still there: ${rule}`),
        again,
      ),
  };
  return [
    ...(hosts.length === 0 ? [] : ofHosts),
    ...(site.obsoleteNat.length === 0 ? [] : [natLine]),
  ];
}

function told(hosts: readonly Entry[], word: (nic: Entry["nic"]) => string): string {
  return hosts.map(({ host, nic }) => `${host.name}: ${word(nic)}`).join(", ");
}

function wrongAddress({ addresses }: InsideView, { nic: { ip } }: Entry): readonly string[] {
  const wanted = `${ip.address}/${ip.prefix}`;
  return addresses.join() === wanted ? [] : [`${addresses.join(", ") || "none"}, not ${wanted}`];
}

function wrongMac({ mac }: InsideView, { nic: { macAddress, type } }: Entry): readonly string[] {
  // An ipvlan port has the MAC of its parent.
  return type === "ipvlan" || mac.toUpperCase() === macAddress
    ? []
    : [`${mac || "none"}, not ${macAddress}`];
}

function wrongRoutes(
  { defaults, rules }: InsideView,
  { nic: { ip, gw } }: Entry,
): readonly string[] {
  const rule = `from ${ip.address} lookup 1001`;
  const wanted = gw === undefined ? "" : `via ${gw} dev ${publicNic.name}`;
  return [
    ...(defaults.length === 1 ? [] : [`${defaults.length} default routes`]),
    ...(defaults.some((route) => !route.startsWith(wanted)) ? [`default ${defaults.join()}`] : []),
    ...(rules.includes(rule) ? [] : [`no rule "${rule}"`]),
  ];
}

function wrongInner({ inner }: InsideView): readonly string[] {
  return inner === undefined || / dev eth0 /.test(`${inner} `) ? [] : [inner];
}

function nginxLine({ guests }: Site, questions: PublicQuestions) {
  const opened = guests.flatMap(({ nginx, ...guest }) =>
    nginx !== undefined && guest.publicInterface !== undefined ? [{ guest, nginx }] : [],
  );
  return async (): Promise<Finding> => {
    if (opened.length === 0) return skipped("no guest has nginx in its entry");
    const found = await Promise.all(
      opened.map(async ({ guest, nginx }) =>
        notOpened(await questions.inside(guest), nginx.ports).map(
          (place) => `${guest.name}: nothing on ${place}`,
        ),
      ),
    );
    const what = opened.map(({ guest, nginx }) => `${guest.name}: ${nginx.ports.join(", ")}`);
    return all(`${what.join("; ")}, IPv4 and IPv6`, found.flat(), again);
  };
}

/** Places where nothing listens; `*` is both families at once. */
function notOpened({ listens }: InsideView, ports: readonly number[]): readonly string[] {
  return ports
    .filter((port) => !listens.includes(`*:${port}`))
    .flatMap((port) => [`0.0.0.0:${port}`, `[::]:${port}`])
    .filter((place) => !listens.includes(place));
}

function dnsLine({ network, apps, guests }: Site, questions: PublicQuestions) {
  const wildcards = Object.entries(network.dns.wildcards);
  const behind =
    apps.find(({ network: place }) => place === "platinum") ??
    guests.find(({ internal }) => internal.bridge === network.bridge);
  return async (): Promise<Finding> => {
    if (wildcards.length === 0) return skipped("network.dns.wildcards names none");
    if (behind === undefined) return skipped("nobody is behind the appliance to ask");
    const names = wildcards.map(([domain]) => `any.${domain}`);
    const answers = await questions.names(behind.vmid, names);
    const wanted = wildcards.map(([domain, address]) => `any.${domain} ${address}`);
    return all(
      `inside ${behind.name}: ${wanted.join(", ")}`,
      wanted.filter((line) => !answers.includes(line)).map((line) => `not so: ${line}`),
      again,
    );
  };
}

function portsLine(site: Site, hosts: readonly Entry[], questions: PublicQuestions) {
  return async (): Promise<Finding> => {
    const seen: string[] = [];
    const wrong: string[] = [];
    const unasked: string[] = [];
    for (const entry of hosts) {
      const { host, nic } = entry;
      const asker = askerOf(site, entry);
      if (asker === undefined) {
        unasked.push(
          `${host.name} (the node does not reach a macvlan guest: ask from a machine of the LAN, or declare hostShim)`,
        );
        continue;
      }
      const listening = portsIn(await questions.inside(host));
      const asked = [...new Set([22, ...nic.firewall.open, ...listening])];
      const open = await questions.open(asker, nic.ip.address, asked);
      wrong.push(
        ...wrongPorts(nic.firewall, listening, open).map((text) => `${host.name}: ${text}`),
      );
      seen.push(
        `${host.name} from ${asker.name}: ${open.join(", ") || "none"} of ${asked.sort((a, b) => a - b).join(", ")}`,
      );
    }
    if (seen.length === 0) return skipped(unasked.join(", "));
    return all([...seen, ...unasked.map((text) => `not asked: ${text}`)].join("; "), wrong, again);
  };
}

/** The appliance is on the LAN like any machine there; the node reaches what is no macvlan. */
function askerOf(site: Site, { nic }: Entry): Asker | undefined {
  const { appliance } = site;
  if (wantsGateway(site) && appliance.wan.bridge === nic.bridge)
    return { from: String(appliance.vmid), name: appliance.hostname };
  return nic.type === "veth" || nic.hostShim ? { from: "-", name: "the node" } : undefined;
}
