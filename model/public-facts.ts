/** What the node has for interfaces on the LAN, and whether what is declared fits it. */
import { contains, networkOf, parseCidr, type Cidr } from "./net";
import type { Problem } from "./problem";
import { publicHosts, type Firewall } from "./public-interface";
import type { Site } from "./site";

/** The subject of its lines in a look. */
export const publicSubject = "public-interfaces";

/** What scripts/node/public-check.sh saw. */
export interface PublicFacts {
  readonly hasBridge: boolean;
  /** The bridge's own. */
  readonly addresses: readonly Cidr[];
  /** Types of interfaces that the kernel cannot make. */
  readonly lacks: readonly string[];
  /** Names of the datacenter's firewall, in lower case. */
  readonly aliases: readonly string[];
  readonly sets: readonly string[];
}

/** Reads a look's lines about it; undefined where nobody asked. */
export function parsePublicFacts(output: string): PublicFacts | undefined {
  const lines = output.split("\n").map((line) => line.split("\t"));
  const own = lines.filter(([subject]) => subject === publicSubject);
  if (own.length === 0 || own.some(([, word]) => word === "off")) return undefined;
  const all = (wanted: string) =>
    own.flatMap(([, word, text]) => (word === wanted && text !== undefined ? [text] : []));
  return {
    hasBridge: all("bridge").length > 0,
    addresses: all("address").flatMap((text) => parseCidr(text) ?? []),
    lacks: all("lacks"),
    aliases: all("alias"),
    sets: all("set"),
  };
}

/** What keeps the node from carrying the declared interfaces. */
export function checkPublic(site: Site, facts: PublicFacts): readonly Problem[] {
  const { publicBridge: bridge } = site.network;
  const hosts = publicHosts(site);
  if (!facts.hasBridge)
    return [
      {
        path: "network.publicBridge",
        message: `there is no ${bridge} on ${site.node.name}. Write the bridge of your LAN.`,
      },
    ];
  return hosts.flatMap(({ path, nic }) => [
    ...(facts.lacks.includes(nic.type)
      ? [
          {
            path: `${path}.type`,
            message: `the kernel of ${site.node.name} cannot make ${nic.type}. Choose another type.`,
          },
        ]
      : []),
    ...misfits(path, nic.ip, nic.gw, { bridge, addresses: facts.addresses }),
    ...unknownNames(`${path}.firewall`, nic.firewall, facts),
  ]);
}

/** Names of the datacenter that it does not have: Proxmox skips a rule with one, and an entry of a set. */
function unknownNames(
  path: string,
  { rules, ipsets }: Firewall,
  { aliases, sets }: PublicFacts,
): readonly Problem[] {
  const places = [
    ...rules.flatMap(({ source = "", destination = "" }, index) => [
      { path: `${path}.rules.${index}.source`, text: source },
      { path: `${path}.rules.${index}.destination`, text: destination },
    ]),
    ...Object.entries(ipsets).flatMap(([name, entries]) =>
      entries.map((text, index) => ({ path: `${path}.ipsets.${name}.${index}`, text })),
    ),
  ];
  return places.flatMap(({ path: at, text }) => {
    const [, plus, name = ""] = /^!?(\+?)dc\/(.+)$/.exec(text) ?? [];
    if (plus === undefined) return [];
    const [kind, known] = plus === "" ? (["alias", aliases] as const) : (["set", sets] as const);
    return known.includes(name)
      ? []
      : [
          {
            path: at,
            message: `the datacenter has no ${kind} ${name}. Create it under Datacenter, Firewall, or write addresses.`,
          },
        ];
  });
}

interface Lan {
  readonly bridge: string;
  readonly addresses: readonly Cidr[];
}

/**
 * By CIDR, against the bridge's own addresses: a route (`ip route get`) would be found for any address at
 * all where there is a default one. A bridge without an address tells nothing.
 */
function misfits(path: string, ip: Cidr, gw: string | undefined, lan: Lan): readonly Problem[] {
  const { bridge, addresses } = lan;
  if (addresses.length === 0) return [];
  const fitting = addresses.find((one) => networkOf(one) === networkOf(ip));
  const seen = addresses.map((one) => `${one.address}/${one.prefix}`).join(", ");
  if (fitting === undefined)
    return [
      {
        path: `${path}.ip`,
        message: `${ip.address}/${ip.prefix} is of ${networkOf(ip)}, while the node has ${seen} on ${bridge}. Choose an address there, or another publicBridge. (The networks are compared; that ip route get has an answer proves nothing, since the default route answers for all.)`,
      },
    ];
  if (gw !== undefined && !contains(fitting, gw))
    return [
      { path: `${path}.gw`, message: `${gw} is outside ${networkOf(fitting)}. Write its router.` },
    ];
  return addresses.some(({ address }) => address === ip.address)
    ? [
        {
          path: `${path}.ip`,
          message: `${ip.address} is the node's own address on ${bridge}. Choose another.`,
        },
      ]
    : [];
}
