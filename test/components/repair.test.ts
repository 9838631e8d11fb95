import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { nodeOf } from "../../components/node";
import { GuestScript } from "../../components/script";
import { parseLook } from "../../model/drift";
import { resource, startMocks } from "../support/mocks";
import { site } from "../support/sites";

const look = parseLook(
  ["101\tscript\tapp.sh", "101\tfound\tnginx does not run", "102\tscript\tapp.sh", ""].join("\n"),
);

describe("a script with something to put right", () => {
  beforeEach(startMocks);

  const declare = (vmid: number) => {
    const node = nodeOf(site(), "proximity-lan-dev", pulumi.secret("KEY"), { look });
    const args = ["10.20.0.1", "80", "", "a b", "it's"];
    const script = {
      node,
      vmid,
      family: "debian" as const,
      incarnations: [],
      script: "app.sh",
      args,
    };
    return new GuestScript(`app-${vmid}`, script, {});
  };

  it("is an update without words, which it takes from the line in front of the script", async () => {
    declare(101);
    const { inputs } = await resource("app-101");
    assert.match(String(inputs["update"]), /^bash -s # repair ordered at 20\d\d-[\d:.T-]+Z$/);
    const words = "apply 101 proximity-lan-dev app.sh 10.20.0.1 80 '' 'a b' 'it'\\''s'";
    assert.equal(inputs["create"], `bash -s -- ${words}`);
    assert.equal(String(inputs["stdin"]).split("\n")[0], `[ $# -gt 0 ] || set -- ${words}`);
  });

  it("is ordered for that guest alone", async () => {
    declare(102);
    assert.equal((await resource("app-102")).inputs["update"], undefined);
  });
});
