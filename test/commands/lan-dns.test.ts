import assert from "node:assert/strict";

import { compareDns, type AskResolver } from "../../commands/doctor/lan-dns";
import { gateway, site } from "../support/sites";

const network = (dns: object) => site({ ...gateway, network: { ...gateway.network, dns } }).network;
const wildcards = { "thinkheads.ai": "192.168.1.153" };
const says =
  (answers: Readonly<Record<string, string>>): AskResolver =>
  (resolver, names) =>
    Promise.resolve(names.map((name) => `${name} ${answers[resolver] ?? ""}`));

describe("the doctor's look at the LAN's resolvers", () => {
  it("is content where they answer as the appliance does", async () => {
    const all = says({ "1.1.1.1": "192.168.1.153", "8.8.8.8": "192.168.1.153" });
    const { verdict, seen } = await compareDns(network({ wildcards }), all);
    assert.equal(verdict, "ok");
    assert.match(seen, /^1\.1\.1\.1, 8\.8\.8\.8: \*\.thinkheads\.ai at 192\.168\.1\.153$/);
  });

  it("names each that answers otherwise, or not at all, and what to do", async () => {
    const some = says({ "1.1.1.1": "203.0.113.9" });
    const { verdict, seen, action } = await compareDns(network({ wildcards }), some);
    assert.equal(verdict, "warning");
    assert.equal(
      seen,
      "1.1.1.1 has 203.0.113.9 for any.thinkheads.ai; 8.8.8.8 has no address for any.thinkheads.ai",
    );
    assert.match(action ?? "", /Enter it there/);
  });

  it("asks the declared ones in place of upstreamDns", async () => {
    const asked: string[] = [];
    const ask: AskResolver = (resolver, names) => {
      asked.push(resolver);
      return says({ "192.168.1.1": "192.168.1.153" })(resolver, names);
    };
    const declared = network({ wildcards, checkedAt: ["192.168.1.1"] });
    assert.equal((await compareDns(declared, ask)).verdict, "ok");
    assert.deepEqual(asked, ["192.168.1.1"]);
  });

  it("asks nobody where no wildcard is declared", async () => {
    const nobody: AskResolver = () => Promise.reject(new Error("asked"));
    assert.equal((await compareDns(network({}), nobody)).verdict, "ok");
  });
});
