import assert from "node:assert/strict";

import { appliance, asker } from "../support/services";
import { addressOf, checkout, get, outputs } from "../support/world";

describe("an appliance with all services that is made anew", () => {
  it("keeps its WAN address by its MAC, and the apps theirs", () => {
    const wan = outputs().appliance.wanAddress;
    const address = addressOf(asker);
    const { code, stdout } = checkout().pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--replace",
      "**$**ContainerLegacy::prox-appliance",
    );
    assert.equal(code, 0, stdout);
    assert.equal(addressOf(appliance), wan);
    assert.equal(addressOf(asker), address);
    assert.equal(get("lan-client", `http://${wan}:8080/target/`).status, "200");
  });
});
