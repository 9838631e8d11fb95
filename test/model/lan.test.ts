import assert from "node:assert/strict";

import { lanOverlap } from "../../model/lan";
import { minimal, site } from "../support/sites";

const look = (...addresses: readonly string[]) =>
  ["lo 127.0.0.1/8", ...addresses].map((text) => `node\taddress\t${text}\n`).join("");
const check = (cidr: string, ...addresses: readonly string[]) => {
  const [base] = cidr.split(".0/");
  const network = { cidr, dhcp: { start: `${base}.100`, end: `${base}.120` } };
  return lanOverlap(site({ ...minimal, network }), look(...addresses));
};

describe("the private network and the LAN", () => {
  it("may be next to each other, and the node may have more networks", () => {
    assert.deepEqual(check("10.20.0.0/24", "vmbr0 192.168.1.10/24", "docker0 10.20.0.1/16"), []);
    assert.deepEqual(check("192.168.2.0/24", "vmbr0 192.168.1.10/24"), []);
    assert.deepEqual(check("10.20.0.0/24"), []);
  });

  for (const [cidr, address] of [
    ["192.168.1.0/24", "192.168.1.10/24"],
    ["192.168.1.0/25", "192.168.1.200/24"],
    ["10.20.0.0/24", "10.20.0.10/16"],
  ] as const)
    it(`may not be ${cidr} and ${address}`, () => {
      const [problem, ...rest] = check(cidr, `vmbr0 ${address}`);
      assert.deepEqual(rest, []);
      assert.equal(problem?.path, "network.cidr");
      assert.match(problem.message, /overlaps your LAN: pve1 has .* on vmbr0.*Choose another/);
    });
});
