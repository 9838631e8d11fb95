import assert from "node:assert/strict";

import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";

import { renderOutputsSchema } from "../../commands/docs/outputs-schema";

const app = { vmid: 101, node: "pve1", mode: "platinum", mac: "02:00:00:00:00:01", port: 80 };
const outputs = {
  mode: "platinum",
  onApplianceFailure: "fail",
  node: "pve1",
  bridge: "proximity-lan",
  network: {
    ...{ cidr: "10.20.0.0/24", gateway: "10.20.0.1", domain: "prox.local" },
    pool: { start: "10.20.0.100", end: "10.20.0.250" },
  },
  appliance: { vmid: 100, hostname: "prox-appliance", node: "pve1", wanAddress: "192.168.1.150" },
  consoleUrl: "https://192.168.1.150:9090/",
  statusUrl: "http://192.168.1.150:8081/api/v1/system/infrastructure/status",
  dhcp: { total: 151, free: 150, leases: { web: "10.20.0.101" } },
  forwards: { media: { protocol: "udp", port: "5000-5010", app: "web" } },
  apps: { web: { ...app, address: "10.20.0.101", listening: true } },
};

describe("the published schema of the outputs", () => {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats(ajv);
  const isValid = ajv.compile(JSON.parse(renderOutputsSchema()) as object);

  it("takes what the stack tells, with and without what nobody observed", () => {
    assert.ok(isValid(outputs), JSON.stringify(isValid.errors));
    assert.ok(isValid({ mode: "empty" }), JSON.stringify(isValid.errors));
    const unseen = { ...outputs, mode: "direct", consoleUrl: null, statusUrl: null };
    assert.ok(isValid(unseen), JSON.stringify(isValid.errors));
  });
  it("refuses a name that is not promised, and a value of another kind", () => {
    assert.ok(!isValid({ ...outputs, extra: 1 }));
    assert.ok(!isValid({ ...outputs, apps: { web: { ...app, address: "no address" } } }));
    assert.ok(!isValid({ ...outputs, mode: "other" }));
  });
});
