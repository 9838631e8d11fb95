import assert from "node:assert/strict";

import { bootOf } from "../support/changes";
import { appliance, asker, target } from "../support/services";
import { addressOf, checkout, get, outputs } from "../support/world";

describe("an appliance with all services that is made anew", () => {
  it("keeps its WAN address by its MAC, and the apps theirs without a start", () => {
    const wan = outputs().appliance.wanAddress;
    const boots = [asker, target].map(bootOf);
    const { code, stdout } = checkout().pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--replace",
      "**$**ContainerLegacy::prox-appliance",
    );
    assert.equal(code, 0, stdout);
    assert.equal(addressOf(appliance), wan);
    assert.equal(outputs().appliance.wanAddress, wan);
    for (const { vmid, address } of Object.values(outputs().apps)) {
      assert.equal(addressOf(vmid), address);
    }
    assert.deepEqual([asker, target].map(bootOf), boots);
    assert.equal(get("lan-client", `http://${wan}:8080/target/`).status, "200");
  });
});

describe("a WAN address that changes", () => {
  it("is told by the same update", () => {
    const good = checkout().read("Pulumi.dev.yaml");
    checkout().edit(({ config }) => {
      Object.assign(config["proximity-lan:site"]["appliance"] ?? assert.fail(), {
        wan: { address: "192.168.1.20/24", gateway: "192.168.1.1" },
      });
    });
    checkout().must("make", ["up"]);
    assert.equal(addressOf(appliance), "192.168.1.20");
    const { apps } = outputs();
    assert.equal(outputs().appliance.wanAddress, "192.168.1.20");
    assert.equal(get("lan-client", apps["target"]?.url ?? assert.fail()).status, "200");
    checkout().write("Pulumi.dev.yaml", good);
    checkout().must("make", ["up"]);
  });
});
