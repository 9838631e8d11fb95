/** Firewalls as people write them, generated: each of them is accepted, and so has to be in force. */
import fc from "fast-check";

import { macroNames } from "../../model/firewall/macros";
import { icmpTypeNames } from "../../model/firewall/protocols";

type Family = 4 | 6;

/** The names of one datacenter, for `dc/`. */
export const clusterFile =
  "[OPTIONS]\nenable: 1\n[ALIASES]\nhq 10.1.0.0/24\n[IPSET branches]\n10.2.0.0/16\n";

const byte = fc.integer({ min: 0, max: 255 });
const group = fc.integer({ min: 0, max: 65_535 }).map((value) => value.toString(16));

const address: Readonly<Record<Family, fc.Arbitrary<string>>> = {
  4: fc.tuple(byte, byte, byte).map((parts) => ["10", ...parts].join(".")),
  6: fc.oneof(
    fc.tuple(group, group).map(([a, b]) => `2001:DB8::${a}:${b}`),
    fc.tuple(group, group, group, group, group, group).map((rest) => `fd00:1:${rest.join(":")}`),
  ),
};

/** Networks whose host bits are zero. */
const network: Readonly<Record<Family, fc.Arbitrary<string>>> = {
  4: fc.oneof(
    fc.tuple(byte, byte).map(([a, b]) => `10.${a}.${b}.0/24`),
    byte.map((a) => `10.${a}.0.0/16`),
    fc.tuple(byte, byte).map(([a, b]) => `10.0.${a}.${b & 0xfc}/30`),
    fc.constantFrom("10.0.0.0/8", "0.0.0.0/1", "10.0.0.7/32"),
  ),
  6: fc.oneof(
    group.map((a) => `2001:db8:${a}::/48`),
    fc.constantFrom("fd00::/8", "2001:db8::/32", "2001:db8::1/128", "::/1"),
  ),
};

const range: Readonly<Record<Family, fc.Arbitrary<string>>> = {
  4: fc
    .tuple(byte, byte, byte, byte)
    .map(([a, b, c, d]) => `10.0.${Math.min(a, b)}.${c}-10.1.${Math.max(a, b)}.${d}`),
  6: fc.tuple(group, group).map(([a, b]) => `2001:db8::${a}-2001:db8::1:${b}`),
};

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{1,20}$/);
const distinct = (one: string): string => one.toLowerCase();

/** Another way to write the same name. */
const spelled = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(text, text.toLowerCase(), text.toUpperCase());

/** Aliases of a family by their names. */
interface Names {
  readonly aliases: Readonly<Record<string, readonly [Family, string]>>;
  readonly sets: readonly string[];
}

function place({ aliases, sets }: Names, family: Family): fc.Arbitrary<string> {
  const own = Object.keys(aliases).filter((one) => aliases[one]?.[0] === family);
  const some = fc.oneof(address[family], network[family]);
  return fc.oneof(
    some,
    range[family],
    fc.array(some, { minLength: 2, maxLength: 6 }).map((list) => list.join(",")),
    ...own.map((one) =>
      fc.tuple(fc.constantFrom("", "guest/"), spelled(one)).map((t) => t.join("")),
    ),
    ...sets.map((one) =>
      fc.tuple(fc.constantFrom("+", "+guest/"), spelled(one)).map((t) => t.join("")),
    ),
    fc.constantFrom(...(family === 4 ? ["dc/HQ", "+dc/Branches"] : ["+dc/branches"])),
  );
}

const number = fc.integer({ min: 1, max: 65_535 });
const port = fc.oneof(
  number.map(String),
  number.map((one) => `${one}:${one}`),
  fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}:${Math.max(a, b)}`),
  fc.constantFrom("http", "https", "ssh", "domain", "0:1023"),
);
const ports = fc.oneof(
  number,
  port,
  fc.array(port, { minLength: 2, maxLength: 7 }).map((list) => list.join(",")),
);

/** What a rule matches beside addresses, for a family. */
function service(family: Family): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const icmp = family === 4 ? ["icmp", 1] : ["icmpv6", "ipv6-icmp", 58];
  const other = family === 4 ? ["DHCPv6", "NeighborDiscovery"] : [];
  const names = macroNames.filter((one) => !other.includes(one));
  return fc.oneof(
    fc.constant({}),
    fc
      .constantFrom(...names)
      .chain(spelled)
      .map((macro) => ({ macro })),
    fc.record(
      {
        protocol: fc.constantFrom("tcp", "udp", "sctp", "dccp", 6, "17"),
        port: ports,
        sourcePort: ports,
      },
      { requiredKeys: ["protocol"] },
    ),
    fc
      .constantFrom("igmp", "esp", "vrrp", "gre", 47, 89, "ax.25")
      .map((protocol) => ({ protocol })),
    fc.record(
      { protocol: fc.constantFrom(...icmp), icmpType: fc.constantFrom(...icmpTypeNames(family)) },
      { requiredKeys: ["protocol"] },
    ),
    ports.map((sourcePort) => ({ macro: "SSH", protocol: "tcp", sourcePort })),
  );
}

const sign = fc.constantFrom(...Array.from("abcÄß漢 #[](){}\"'\\$`;,.:|+-!0123456789"));
const comment = fc
  .array(sign, { minLength: 1, maxLength: 150 })
  .map((signs) => signs.join("").trim())
  .filter((text) => text !== "");

function rule(names: Names) {
  return fc.constantFrom<Family>(4, 6).chain((family) =>
    fc
      .tuple(
        fc.record(
          {
            direction: fc.constantFrom("in", "out"),
            action: fc.constantFrom("ACCEPT", "DROP", "REJECT"),
            source: place(names, family),
            destination: place(names, family),
            log: fc.constantFrom("emerg", "err", "warning", "info", "debug", "nolog"),
            comment,
            enabled: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
        service(family),
      )
      .map(([rest, match]) => ({ ...rest, ...match })),
  );
}

const setEntry = fc.tuple(
  fc.constantFrom("", "!"),
  fc.oneof(address[4], network[4], address[6], network[6]),
);

/** The value of `publicInterface.firewall`. */
export const firewalls = fc
  .record({
    aliases: fc.uniqueArray(
      fc.tuple(
        name,
        fc
          .constantFrom<Family>(4, 6)
          .chain((family) =>
            fc.tuple(fc.constant(family), fc.oneof(address[family], network[family])),
          ),
      ),
      { selector: ([one]) => distinct(one), maxLength: 4 },
    ),
    sets: fc.uniqueArray(
      fc.tuple(
        name.filter((one) => !/^ipfilter-/i.test(one)),
        fc.uniqueArray(setEntry, {
          selector: ([, one]) => one.toLowerCase().replace(/\/(32|128)$/, ""),
          maxLength: 8,
        }),
      ),
      { selector: ([one]) => distinct(one), maxLength: 4 },
    ),
  })
  .chain(({ aliases, sets }) => {
    const names = { aliases: Object.fromEntries(aliases), sets: sets.map(([one]) => one) };
    return fc.record({
      aliases: fc.constant(Object.fromEntries(aliases.map(([one, [, value]]) => [one, value]))),
      ipsets: fc.constant(
        Object.fromEntries(
          sets.map(([one, entries]) => [one, entries.map((entry) => entry.join(""))]),
        ),
      ),
      rules: fc.array(rule(names), { maxLength: 8 }),
      policyIn: fc.constantFrom("ACCEPT", "DROP", "REJECT"),
      open: fc.uniqueArray(number, { maxLength: 3 }),
      ping: fc.boolean(),
    });
  });
