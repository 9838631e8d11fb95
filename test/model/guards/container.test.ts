import assert from "node:assert/strict";

import {
  hasNestingOnly,
  hasOneGateway,
  isUnprivileged,
  parseGuestInputs,
} from "../../../model/guards/container";

const paths = (problems: readonly { readonly path: string }[]) => problems.map(({ path }) => path);
const guest = parseGuestInputs;

describe("guest rules", () => {
  it("take a container as this program makes it", () => {
    const good = guest({
      unprivileged: true,
      features: { nesting: true, keyctl: false, mounts: [] },
      initialization: {
        ipConfigs: [{ ipv4: { address: "dhcp" } }, { ipv4: { address: "10.20.0.1/24" } }],
      },
    });
    for (const rule of [isUnprivileged, hasNestingOnly, hasOneGateway])
      assert.deepEqual(rule(good), []);
  });
  it("refuse a privileged one, also when nothing is said: that is the provider's default", () => {
    assert.deepEqual(paths(isUnprivileged(guest({ unprivileged: false }))), ["unprivileged"]);
    assert.deepEqual(paths(isUnprivileged(guest({}))), ["unprivileged"]);
  });
  it("refuse every feature that a token may not set", () => {
    const found = hasNestingOnly(
      guest({ features: { nesting: true, keyctl: true, mounts: ["nfs"] } }),
    );
    assert.deepEqual(paths(found), ["features.keyctl", "features.mounts"]);
  });
  it("refuse two default gateways, DHCP counted as one", () => {
    const found = hasOneGateway(
      guest({
        initialization: {
          ipConfigs: [
            { ipv4: { address: "dhcp" } },
            { ipv4: { address: "192.168.1.9/24", gateway: "192.168.1.1" } },
          ],
        },
      }),
    );
    assert.match(found[0]?.message ?? "", /net0 and net1/);
  });
});
