import assert from "node:assert/strict";

import { checkout, inside } from "../support/world";

/** The daemons' own checkers, by the golden file they judge; all run in the appliance. */
const checkers: readonly (readonly [string, string])[] = [
  ["etc/dnsmasq.d/proximity.conf", "dnsmasq --test --conf-file=/tmp/checked"],
  ["etc/nftables.conf", "nft -c -f /tmp/checked"],
  ["etc/caddy/Caddyfile", "caddy validate --adapter caddyfile --config /tmp/checked"],
  ["etc/dhcp/dhclient-enter-hooks.d/proximity", "sh -n /tmp/checked"],
];

describe("the daemons of the appliance", () => {
  const judge = (text: string, checker: string) => {
    assert.equal(
      checkout().run(
        "lab/lab",
        ["exec", "pve1", "pct", "exec", "100", "--", "tee", "/tmp/checked"],
        text,
      ).code,
      0,
    );
    return inside(100, checker);
  };

  for (const [path, checker] of checkers) {
    const golden = () => checkout().read(`test/golden/small/${path}`);
    it(`accept ${path} as rendered`, () => {
      const { code, stderr } = judge(golden(), checker);
      assert.equal(code, 0, stderr);
    });
    it(`refuse ${path} when it is broken, so that the line above means something`, () => {
      assert.notEqual(judge(`${golden()}\n} broken ( 'line\n`, checker).code, 0);
    });
  }
});
