/** What must hold for the firewall of a public interface, so that every accepted rule is in force. */
import { formatInterval } from "../firewall/address";
import { entriesOf, meaningOf, named, type Entry } from "../firewall/meaning";
import type { Problem } from "../problem";
import { publicHosts, type Firewall, type PublicInterface } from "../public-interface";
import type { SiteRule } from "./rule";

type Check = (
  firewall: Firewall,
  path: string,
  type: PublicInterface["type"],
) => readonly Problem[];

/** Runs one check over every firewall of a site, with its path. */
const eachFirewall =
  (check: Check): SiteRule =>
  (site) =>
    publicHosts(site).flatMap(({ nic, path }) => check(nic.firewall, `${path}.firewall`, nic.type));

const rulesFit = eachFirewall((firewall, path) =>
  firewall.rules.flatMap((rule, index) => {
    const meaning = meaningOf(rule, firewall);
    return "problem" in meaning
      ? [{ path: `${path}.rules.${index}`, message: meaning.problem }]
      : [];
  }),
);

/** Proxmox keeps names in lower case: the later of two would replace the earlier. */
const namesDiffer = eachFirewall((firewall, path) =>
  (["aliases", "ipsets"] as const).flatMap((kind) => {
    const names = Object.keys(firewall[kind]);
    return names.flatMap((name, index) => {
      const before = names
        .slice(0, index)
        .find((other) => other.toLowerCase() === name.toLowerCase());
      return before === undefined
        ? []
        : [
            {
              path: `${path}.${kind}.${name}`,
              message: `Proxmox does not tell ${name} from ${before}: case does not matter. Rename one of them.`,
            },
          ];
    });
  }),
);

/** Why a name leads nowhere; undefined if it is declared, or if Proxmox looks it up in the datacenter. */
function missing(
  name: string,
  kind: "set" | "alias",
  { aliases, ipsets }: Firewall,
  type: PublicInterface["type"],
): string | undefined {
  if (name.startsWith("dc/"))
    return type === "veth"
      ? undefined
      : `${name} is the datacenter's, which a filter inside the guest cannot see. Write the addresses.`;
  return named<unknown>(kind === "set" ? ipsets : aliases, name) === undefined
    ? `there is no ${kind} ${name} in this firewall. Declare it, write dc/${name} for one of the datacenter (veth), or write addresses.`
    : undefined;
}

const isName = (text: string): boolean => /^(dc\/)?[a-z][a-z0-9_-]+$/.test(text);

const namesExist = eachFirewall((firewall, path, type) =>
  firewall.rules.flatMap((rule, index) =>
    (["source", "destination"] as const).flatMap((key) => {
      const place = rule[key] ?? "";
      const isSet = place.startsWith("+");
      if (!isSet && !isName(place)) return [];
      const message = missing(place.replace(/^\+/, ""), isSet ? "set" : "alias", firewall, type);
      return message === undefined ? [] : [{ path: `${path}.rules.${index}.${key}`, message }];
    }),
  ),
);

const setsFit = eachFirewall((firewall, path, type) =>
  Object.entries(firewall.ipsets).flatMap(([name, listed]) => {
    const at = `${path}.ipsets.${name}`;
    const own =
      /^ipfilter-net\d+$/i.test(name) && type !== "veth"
        ? [
            {
              path: at,
              message:
                "Proxmox limits an interface to the addresses of a set of this name, which works for veth only. Rename it, or use veth.",
            },
          ]
        : [];
    return [...own, ...entryProblems(listed, firewall, { at, type })];
  }),
);

/** Entries that Proxmox or the kernel would refuse, and with them the set or every rule of the node. */
function entryProblems(
  listed: readonly string[],
  firewall: Firewall,
  { at, type }: { readonly at: string; readonly type: PublicInterface["type"] },
): readonly Problem[] {
  const seen = new Map<string, Entry>();
  return entriesOf(listed, firewall).flatMap((entry, index): readonly Problem[] => {
    const { text, network } = entry;
    const message =
      network === undefined
        ? missing(text.replace(/^!/, ""), "alias", firewall, type)
        : network.prefix === 0
          ? `${text} is everything, which Proxmox refuses in a set. Leave it out.`
          : undefined;
    const key = network === undefined ? text.replace(/^!/, "") : formatInterval(network);
    const before = seen.get(key);
    seen.set(key, before ?? entry);
    const found = message ?? (before && repeated(entry, before));
    return found === undefined ? [] : [{ path: `${at}.${index}`, message: found }];
  });
}

function repeated(entry: Entry, before: Entry): string {
  return entry.isException === before.isException
    ? `${entry.text} is in this set already, as ${before.text}. Leave one of them out.`
    : `${entry.text} contradicts ${before.text}, and Proxmox uses the first only. Leave one of them out.`;
}

/** The rules of every firewall. */
export const firewallRules: readonly SiteRule[] = [rulesFit, namesDiffer, namesExist, setsFit];
