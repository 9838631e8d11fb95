import assert from "node:assert/strict";

import { assertPublished } from "../support/outputs-schema";
import { ProjectCopy } from "./support/project";

const app = { vmid: 101, node: "pve1", mode: "platinum", mac: "02:00:00:00:00:01", port: 80 };
const statusUrl = "http://192.168.1.150:8081/api/v1/system/infrastructure/status";
/** What a stack of this project tells, as far as the example reads it. */
const outputs = {
  mode: "platinum",
  statusUrl,
  apps: {
    web: { ...app, listening: true, url: "http://192.168.1.150:8080/web/" },
    bench: { ...app, vmid: 102, mac: "02:00:00:00:00:02", listening: false },
  },
};

describe("the example of a program that reads the outputs", function () {
  this.timeout(120_000);
  const copy = new ProjectCopy();
  const stack = ["--stack", "reader"];
  const pulumi = (...args: readonly string[]) =>
    copy.must("toolchain/pulumi", ["--non-interactive", ...args]);
  const reader = (...args: readonly string[]) => pulumi("-C", "examples/outputs-reader", ...args);

  after(() => {
    copy.remove();
  });

  it("reads them from the backend that both stacks are in", async () => {
    assertPublished(outputs);
    await pulumi("stack", "init", "home");
    const root = "pulumi:pulumi:Stack";
    const urn = `urn:pulumi:home::proximity-lan::${root}::proximity-lan-home`;
    const deployment = { resources: [{ urn, type: root, custom: false, outputs }] };
    copy.write("home.json", JSON.stringify({ version: 3, deployment }));
    await pulumi("stack", "import", "--stack", "home", "--file", "home.json");

    await reader("stack", "init", "reader");
    await reader("config", "set", ...stack, "stack", "organization/proximity-lan/home");
    await reader("up", ...stack, "--yes", "--skip-preview");
    const told = await reader("stack", "output", ...stack, "--json");
    assert.deepEqual(JSON.parse(told), {
      targets: { web: "http://192.168.1.150:8080/web/" },
      silent: ["bench"],
      status: statusUrl,
    });
  });
});
