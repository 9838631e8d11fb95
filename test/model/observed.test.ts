import assert from "node:assert/strict";

import { parseApp, parseAppliance } from "../../model/observed";

describe("observations", () => {
  it("are taken when they are whole", () => {
    for (const publicAddress of ["", "192.168.1.153"]) {
      const seen = { address: "10.20.0.101", listening: true, publicAddress, publicMac: "" };
      assert.deepEqual(parseApp(JSON.stringify(seen)), seen);
    }
    assert.equal(
      parseAppliance('{"wanAddress":"192.168.1.150","lanAddress":"10.20.0.1"}')?.wanAddress,
      "192.168.1.150",
    );
  });
  it("are missing when nobody looked", () => {
    assert.equal(parseApp(undefined), undefined);
  });
  for (const line of [
    "",
    "done",
    '{"address":"","listening":true,"publicAddress":"","publicMac":""}',
    '{"address":"10.20.0.1","listening":true}',
    '{"address":"10.20.0.1","listening":true,"publicAddress":"eth1","publicMac":""}',
  ])
    it(`are refused when they read ${JSON.stringify(line)}`, () => {
      assert.throws(() => parseApp(line), /app\.sh printed/);
    });
});
