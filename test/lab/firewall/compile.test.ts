import assert from "node:assert/strict";

import fc from "fast-check";

import { compile, type Compiled } from "../../../lab/firewall/compile";
import { findMacro, MACRO_NAMES } from "../../../lab/pve/firewall/macros";

const ON = "[OPTIONS]\nenable: 1\n";
const NIC = "net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=10.0.0.5/24,firewall=1\n";

const FILES: Readonly<Record<string, string>> = {
  "/etc/services": "http\t80/tcp\t# WorldWideWeb\nssh 22/tcp\n",
  "/etc/protocols":
    "ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\ngre\t47\tGRE\nipv6-icmp 58 IPv6-ICMP\n",
  "/etc/network/interfaces": "auto vmbr0\niface vmbr0 inet static\n\taddress 192.168.1.10/24\n",
  "/etc/pve/firewall/cluster.fw": ON,
  "/etc/pve/nodes/pve1/lxc/100.conf": NIC,
};

const compiled = (files: Readonly<Record<string, string>>): Compiled =>
  compile("pve1", new Map(Object.entries({ ...FILES, ...files })));

const guest = (text: string): Compiled => compiled({ "/etc/pve/firewall/100.fw": `${ON}${text}` });

/** Lines of a chain of both families, `4 ` or `6 ` before each. */
function chain({ ruleset }: Compiled, name: string): readonly string[] {
  return (["iptables", "ip6tables"] as const).flatMap((tool) =>
    ruleset[tool]
      .split("\n")
      .filter((line) => line.startsWith(`-A ${name} `))
      .map((line) => `${tool === "iptables" ? 4 : 6} ${line.slice(name.length + 4)}`),
  );
}

/** What one rule adds to the guest's inward chain. */
function added(rule: string): readonly string[] {
  const without = chain(guest(""), "veth100i0-IN");
  const result = guest(`[RULES]\n${rule}\n`);
  assert.deepEqual(result.problems, [], rule);
  return chain(result, "veth100i0-IN").filter((line) => !without.includes(line));
}

describe("the firewall's compiler", () => {
  const RULES: readonly (readonly [string, readonly string[]])[] = [
    ["IN ACCEPT", ["4 -j ACCEPT", "6 -j ACCEPT"]],
    ["IN REJECT -i net0", ["4 -j PVEFW-reject", "6 -j PVEFW-reject"]],
    ["IN ACCEPT -i net1", []],
    ["OUT ACCEPT -p udp", []],
    [
      "IN ACCEPT -p tcp -dport http",
      ["4 -p tcp --dport http -j ACCEPT", "6 -p tcp --dport http -j ACCEPT"],
    ],
    [
      "IN DROP -p tcp -dport 22,80:90 -source 10.0.0.0/8",
      ["4 -s 10.0.0.0/8 -p tcp -m multiport --dports 22,80:90 -j DROP"],
    ],
    ["IN DROP -source 10.0.0.1,10.0.0.2", ["4 -s 10.0.0.1/32,10.0.0.2/32 -j DROP"]],
    ["IN DROP -dest fd00::1-fd00::9", ["6 -m iprange --dst-range fd00::1-fd00::9 -j DROP"]],
    ["IN DROP -source local_network", ["4 -s 192.168.1.0/24 -j DROP"]],
    [
      "IN Ping(DROP)",
      [
        "4 -p icmp --icmp-type echo-request -j DROP",
        "6 -p icmpv6 --icmpv6-type echo-request -j DROP",
      ],
    ],
    [
      "IN DROP -p icmp -icmp-type timestamp-request",
      ["4 -p icmp --icmp-type timestamp-request -j DROP"],
    ],
    [
      "IN wEb(DROP) -source 10.0.0.1",
      ["4 -s 10.0.0.1/32 -p tcp --dport 80 -j DROP", "4 -s 10.0.0.1/32 -p tcp --dport 443 -j DROP"],
    ],
    [
      "IN DROP -p 47 -source 10.0.0.1 -log err",
      [
        '4 -s 10.0.0.1/32 -p 47 -m limit --limit 1/second --limit-burst 5 -j NFLOG --nflog-prefix ":100:3:veth100i0-IN: DROP: "',
        "4 -s 10.0.0.1/32 -p 47 -j DROP",
      ],
    ],
  ];
  for (const [rule, lines] of RULES) {
    it(`compiles ${rule}`, () => {
      assert.deepEqual(added(rule), lines);
    });
  }

  const REFUSED: readonly (readonly [string, RegExp])[] = [
    ["IN ACCEPT -i eth0", /iface: invalid interface/],
    ["IN ACCEPT -dport 80", /proto: 'dport' needs a protocol/],
    ["IN ACCEPT -p gre47", /proto: unknown protocol/],
    ["IN ACCEPT -p 256", /proto: unknown protocol/],
    ["IN ACCEPT -p 47 -dport 80", /dport: protocol 47 has no ports/],
    ["IN ACCEPT -p tcp -dport 90:80", /port range .* is backwards/],
    ["IN ACCEPT -p tcp -dport 65536", /invalid port '65536'/],
    ["IN ACCEPT -p tcp -dport 80,", /invalid port ''/],
    ["IN ACCEPT -p tcp -dport nosuch", /invalid port 'nosuch'/],
    [
      `IN ACCEPT -p tcp -dport ${Array.from({ length: 16 }, (_, at) => at + 1).join()}`,
      /more than 15/,
    ],
    ["IN ACCEPT -p tcp -icmp-type any", /needs icmp/],
    ["IN ACCEPT -p icmp -icmp-type packet-too-big", /invalid icmp-type/],
    ["IN ACCEPT -source 10.0.0.1,fd00::1", /mixed ipv4\/ipv6/],
    ["IN ACCEPT -source 10.0.0.1-fd00::1", /invalid address range/],
    ["IN ACCEPT -source 10.0.0.1/33", /invalid IP address/],
    ["IN ACCEPT -source nobody", /no such alias/],
    ["IN ACCEPT -source +nobody", /no such ipset/],
    ["IN NoSuch(ACCEPT)", /macro: unknown macro/],
    ["IN HTTP(ACCEPT) -p udp", /proto: parameter already defined by macro/],
    ["IN ACCEPT -log loud", /log: invalid log level/],
    ["GROUP nosuch -i net0", /no such security group/],
  ];
  for (const [rule, reason] of REFUSED) {
    it(`refuses ${rule}, with its line, and compiles the rest`, () => {
      const result = guest(`[RULES]\n${rule}\nIN ACCEPT -p tcp -dport 81\n`);
      assert.equal(result.problems.length, 1);
      assert.equal(result.problems[0]?.line, 4);
      assert.match(result.problems[0].reason, reason);
      assert.ok(chain(result, "veth100i0-IN").includes("4 -p tcp --dport 81 -j ACCEPT"));
    });
  }

  it("makes one set for each family, under a name that changes with what is in it", () => {
    const set = (entries: string): Compiled =>
      guest(
        `[ALIASES]\na1 fd00::1\n[IPSET administrators]\n${entries}[RULES]\nIN ACCEPT -source +administrators\n`,
      );
    const one = set("10.0.0.0/8\n!10.0.0.1\na1\n");
    assert.deepEqual(one.problems, []);
    const names = [...one.ruleset.ipset.matchAll(/^create (PVEFW-100-admin-\S+) /gm)].map(
      ([, name]) => name,
    );
    assert.equal(names.length, 2);
    for (const name of names) assert.ok((name ?? "").length <= 31);
    assert.match(
      one.ruleset.ipset,
      /^add \S+-v4 10\.0\.0\.0\/8\nadd \S+-v4 10\.0\.0\.1\/32 nomatch$/m,
    );
    assert.match(one.ruleset.ipset, /^add \S+-v6 fd00::1\/128$/m);
    const used = chain(one, "veth100i0-IN").filter((line) => line.includes("--match-set"));
    assert.deepEqual(used, [
      `4 -m set --match-set ${names[0] ?? ""} src -j ACCEPT`,
      `6 -m set --match-set ${names[1] ?? ""} src -j ACCEPT`,
    ]);
    assert.ok(!set("10.0.0.0/8\n").ruleset.ipset.includes(`create ${names[0] ?? ""} `));
  });

  it("gives an unused guest, a NIC without firewall=1 and a raw macvlan no chain", () => {
    const chains = (conf: string): string =>
      compiled({
        "/etc/pve/nodes/pve1/lxc/100.conf": conf,
        "/etc/pve/firewall/100.fw": ON,
      }).ruleset.iptables;
    assert.match(chains(NIC), /veth100i0-IN/);
    assert.doesNotMatch(chains(NIC.replace(",firewall=1", "")), /veth/);
    assert.doesNotMatch(chains("lxc.net.0.type: macvlan\nlxc.net.0.link: vmbr0\n"), /veth/);
    assert.doesNotMatch(
      compiled({ "/etc/pve/firewall/100.fw": "[OPTIONS]\n" }).ruleset.iptables,
      /veth/,
    );
  });

  it("passes DHCP and neighbours unless an option says 0, and has the defaults of Proxmox", () => {
    const dhcp = "4 -p udp --sport 67 --dport 68 -j ACCEPT";
    assert.ok(chain(guest(""), "veth100i0-IN").includes(dhcp));
    assert.ok(!chain(guest("dhcp: 0\n"), "veth100i0-IN").includes(dhcp));
    const mac = "4 -m mac ! --mac-source BC:24:11:00:00:01 -j DROP";
    assert.ok(chain(guest(""), "veth100i0-OUT").includes(mac));
    assert.ok(!chain(guest("macfilter: 0\n"), "veth100i0-OUT").includes(mac));
    assert.equal(chain(guest(""), "veth100i0-IN").at(-1), "6 -j DROP");
    assert.equal(chain(guest(""), "veth100i0-OUT").at(-1), "6 -j RETURN");
  });

  it("has the node's own chains unless host.fw says 0", () => {
    assert.match(compiled({}).ruleset.iptables, /^:PVEFW-HOST-IN /m);
    const off = { "/etc/pve/nodes/pve1/host.fw": "[OPTIONS]\nenable: 0\n" };
    assert.doesNotMatch(compiled(off).ruleset.iptables, /HOST/);
    const rule = {
      "/etc/pve/nodes/pve1/host.fw": "[RULES]\nIN ACCEPT -i vmbr0 -p tcp -dport 99\n",
    };
    assert.ok(
      chain(compiled(rule), "PVEFW-HOST-IN").includes("4 -i vmbr0 -p tcp --dport 99 -j RETURN"),
    );
  });

  it("knows every macro whatever its case, and each compiles", () => {
    for (const name of MACRO_NAMES) {
      assert.ok(findMacro(name.toUpperCase()), name);
      assert.notEqual(added(`IN ${name}(DROP)`).length, 0, name);
    }
  });

  it("lets no value of a file add a line, or a word, of its own", () => {
    const piece = fc.constantFrom(
      ...[
        "10.0.0.1",
        "/8",
        "-",
        ",",
        ":",
        "80",
        "+",
        "dc/",
        "tcp",
        "-j",
        "ACCEPT",
        '"',
        "'",
        "`",
        "$(x)",
      ],
      ...["\n", "\r", "\t", "\u0000", "\\", ";", "!", " ", "COMMIT", "http", "any", "%", "é"],
    );
    const value = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
    // All but one field are good: a rule with two bad ones says little about either.
    const good = {
      "-source": "10.0.0.1",
      "-dest": "10.0.0.2",
      "-p": "tcp",
      "-dport": "80",
      "-sport": "81",
      "-i": "net0",
      "-log": "info",
    };
    const icmp = { "-p": "icmp", "-icmp-type": "any" };
    const fields = fc
      .tuple(fc.constantFrom(good, icmp), fc.nat(), value)
      .map(([base, at, hostile]) => {
        const names = Object.keys(base);
        return { ...base, [names[at % names.length] ?? ""]: hostile };
      });
    const legal =
      /^(?::[\w-]+ - \[0:0\]|-A [\w-]+(?: !| -{1,2}[a-z][a-z0-9-]*(?: !)?| [A-Za-z0-9_.:,/+-]+| ":\d+:\d:[\w-]+: (?:policy )?[A-Z]+: ")+)$/;
    fc.assert(
      fc.property(fields, (found) => {
        const words = Object.entries(found)
          .map(([name, text]) => `${name} ${text}`)
          .join(" ");
        const { ruleset } = guest(`[RULES]\nIN DROP ${words} # x\n`);
        for (const line of `${ruleset.iptables}${ruleset.ip6tables}`.trimEnd().split("\n")) {
          assert.match(line, legal);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
