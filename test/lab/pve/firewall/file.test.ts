import assert from "node:assert/strict";

import fc from "fast-check";

import { formatFirewall, parseFirewall } from "../../../../lab/pve/firewall/file";
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
    const { options, aliases, ipsets, rules, ignored } = parseFirewall(SAMPLE);
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
    assert.deepEqual(ignored, []);
  });

  it("keeps a file as it is", () => {
    assert.equal(formatFirewall(parseFirewall(SAMPLE)), SAMPLE);
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
    ]) {
      assert.equal(parseRule(line), undefined, line);
    }
    assert.deepEqual(parseFirewall("IN ACCEPT\n[NONE]\nx\n").ignored, ["IN ACCEPT", "[NONE]", "x"]);
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
