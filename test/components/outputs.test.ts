import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { Appliance } from "../../components/appliance";
import { Bridge } from "../../components/bridge";
import { nodeOf } from "../../components/node";
import { planSite } from "../../model/placement";
import { describeOutputs } from "../../outputs";
import { startMocks, valueOf } from "../support/mocks";
import { declared, minimal, noSecrets, site } from "../support/sites";

describe("the mode that a site which falls back tells", () => {
  const value = { ...minimal, apps: { wiki: { vmid: 102 } }, onApplianceFailure: "fallback" };
  const tag = "proximity-lan-dev";
  const placed = [{ vmid: 102, name: "wiki", node: "pve1", tags: [tag, "platinum"] }];
  const told = (own: typeof placed, failure?: string) => {
    startMocks();
    const whole = site(value);
    const node = nodeOf(whole, tag, pulumi.secret("KEY"));
    const bridge = new Bridge("b-lan", { node, bridge: "b-lan" });
    const args = { node, site: whole, bridge, secrets: noSecrets, attempt: 1 };
    const appliance = new Appliance("prox-appliance", args);
    Object.assign(appliance, { failure: pulumi.output(failure) });
    const plan = planSite(declared(value), { own });
    const outputs = describeOutputs({
      ...{ site: whole, plan, apps: [] },
      gateway: { bridge, appliance },
    });
    return valueOf(pulumi.output(outputs.mode));
  };

  it("is platinum while the appliance works", async () => {
    assert.equal(await told([]), "platinum");
  });
  it("is direct where it does not, and no app was behind it", async () => {
    assert.equal(await told([], "no packages"), "direct");
  });
  it("stays platinum where a change of it failed, with apps behind it", async () => {
    assert.equal(await told(placed, "dnsmasq does not start"), "platinum");
  });
});
