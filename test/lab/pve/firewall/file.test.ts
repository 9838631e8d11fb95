import assert from "node:assert/strict";

import fc from "fast-check";

import { formatFirewall, parseFirewall } from "../../../../lab/pve/firewall/file";
import type { FirewallKind } from "../../../../lab/pve/firewall/options";
import { formatRule, parseRule } from "../../../../lab/pve/firewall/rule";

const SAMPLE = `[OPTIONS]

enable: 1
policy_in: DROP

[ALIASES]

router 192.168.1.1 # the WAN

[IPSET admins] # who may

192.168.1.0/24
!192.168.1.66 # not this one

[RULES]

IN HTTP(ACCEPT) -i net1 -source +admins -log info # web
|OUT DROP -p tcp -dport 25
IN ACCEPT -p udp -dport 443
GROUP webserver -i net1
`;

describe("firewall file", () => {
  it("reads sections, macros, disabled rules and comments", () => {
    const { options, aliases, ipsets, rules, problems } = parseFirewall(SAMPLE, "guest");
    assert.deepEqual(
      [...options],
      [
        ["enable", "1"],
        ["policy_in", "DROP"],
      ],
    );
    assert.deepEqual(aliases, [{ name: "router", cidr: "192.168.1.1", comment: "the WAN" }]);
    assert.deepEqual(
      ipsets[0]?.entries.map(({ cidr, nomatch }) => [cidr, nomatch]),
      [
        ["192.168.1.0/24", false],
        ["192.168.1.66", true],
      ],
    );
    assert.deepEqual(
      rules.map(({ type, action, enable, macro }) => [type, action, enable, macro]),
      [
        ["in", "ACCEPT", true, "HTTP"],
        ["out", "DROP", false, undefined],
        ["in", "ACCEPT", true, undefined],
        ["group", "webserver", true, undefined],
      ],
    );
    assert.deepEqual(problems, []);
  });

  it("keeps a file as it is", () => {
    assert.equal(formatFirewall(parseFirewall(SAMPLE, "guest")), SAMPLE);
  });

  it("refuses what the strict grammar refuses", () => {
    for (const line of [
      "IN accept",
      "IN https(accept)",
      "IN ACCEPT -dport 80, 443",
      "IN ACCEPT -i",
      "in",
      "IN ACCEPT -weird x",
      "IN HTTP(ACCEPT",
      "IN ACCEPT -p tcp -p udp",
      "IN ACCEPT --p tcp",
      "IN ACCEPT -p  tcp",
      "IN ACCEPT -p tcp -dport 80 443",
      "IN REJEKT",
    ]) {
      assert.equal(parseRule(line), undefined, line);
    }
  });

  it("takes one dash or two, but for -p and -i", () => {
    for (const line of ["IN ACCEPT --dport 80 -proto tcp", "IN ACCEPT -dport 80 --proto tcp"]) {
      assert.equal(parseRule(line)?.match.get("dport"), "80", line);
    }
  });

  /** Each line alone in a good section, what its file is, and what is said about it. */
  const BAD: readonly (readonly [string, FirewallKind, RegExp])[] = [
    ["IN ACCEPT", "guest", /before any section/],
    ["[NONE]", "guest", /not known here/],
    ["[RULES] x", "guest", /not known here/],
    ["[IPSET]", "guest", /not known here/],
    ["[group web]", "guest", /not known here/],
    ["[ALIASES]", "host", /not known here/],
    ["[IPSET 1a]", "guest", /invalid set name/],
    [`[group ${"g".repeat(19)}]`, "cluster", /longer than 18/],
    ["[OPTIONS]\nenable: yes", "guest", /does not take the value 'yes'/],
    ["[OPTIONS]\nenable: 1\nenable: 0", "guest", /duplicate option 'enable'/],
    ["[OPTIONS]\npolicy_in: drop", "guest", /does not take/],
    ["[OPTIONS]\npolicy_forward: DROP", "guest", /unknown option/],
    ["[OPTIONS]\nlog_level_in: loud", "guest", /does not take/],
    ["[OPTIONS]\nmacfilter: 1", "cluster", /unknown option/],
    ["[OPTIONS]\nenable 1", "guest", /unable to parse option/],
    ["[ALIASES]\nrouter  192.168.1.1", "guest", /unable to parse alias/],
    ["[ALIASES]\nrouter 192.168.1.256", "guest", /invalid address/],
    ["[ALIASES]\na1 10.0.0.1\na1 10.0.0.2", "guest", /duplicate alias/],
    ["[IPSET lan]\n10.0.0.0/0", "guest", /prefix of 0/],
    ["[IPSET lan]\n10.0.0.1\n!10.0.0.1", "guest", /duplicate set entry/],
    ["[IPSET lan]\n10.0.0.1-10.0.0.9", "guest", /invalid address/],
    ["[IPSET lan]\n[IPSET lan]", "guest", /duplicate set 'lan'/],
    ["[RULES]\nFORWARD ACCEPT", "guest", /forward rules are not allowed/],
    ["[group web]\nGROUP other", "cluster", /group in a group/],
    ["[RULES]\nIN https(accept)", "guest", /unable to parse rule/],
  ];
  for (const [text, kind, reason] of BAD) {
    it(`tells the line and the reason of ${JSON.stringify(text)} in a ${kind}'s file`, () => {
      const { problems } = parseFirewall(`# a comment\n\n${text}\n`, kind);
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.line, 2 + text.split("\n").length);
      assert.match(problems[0].reason, reason);
    });
  }

  it("keeps the groups of a cluster", () => {
    const text = "[RULES]\n\nIN ACCEPT\n\n[group web] # for all\n\nIN HTTP(ACCEPT)\n";
    const file = parseFirewall(text, "cluster");
    assert.deepEqual(file.problems, []);
    assert.equal(formatFirewall(file), text);
  });

  it("takes any text without a crash, and writes only what it can read again", () => {
    const word = fc.constantFrom(
      ...[
        "[RULES]",
        "[OPTIONS]",
        "[IPSET x1]",
        "[ALIASES]",
        "[group g1]",
        "IN",
        "ACCEPT",
        "-p",
        "tcp",
      ],
      ...["-dport", "80", "enable:", "1", "|", "!", "#", " ", "\n", "\r", "\t", "10.0.0.1", "a1"],
    );
    const text = fc.array(fc.oneof(word, fc.string({ unit: "binary", maxLength: 4 })));
    fc.assert(
      fc.property(text, fc.constantFrom("cluster", "host", "guest"), (words, kind) => {
        const written = formatFirewall(parseFirewall(words.join(""), kind));
        const again = parseFirewall(written, kind);
        assert.deepEqual(again.problems, []);
        assert.equal(formatFirewall(again), written);
      }),
    );
  });

  it("keeps a hostile comment on its own line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (comment) => {
        const rule = {
          type: "in",
          action: "DROP",
          enable: true,
          match: new Map<string, string>(),
          comment,
        } as const;
        assert.equal(formatRule(rule).split(/[\r\n]/).length, 1);
        assert.equal(parseRule(formatRule(rule))?.action, "DROP");
      }),
    );
  });
});
