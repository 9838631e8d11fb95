import assert from "node:assert/strict";

import { Client, record, send } from "../support/client";
import { startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

describeEachVersion("lab API: identity and transport", (version) => {
  let memory: MemoryLab;
  before(async () => (memory = await startMemoryLab({ version })));
  after(async () => memory.lab.close());

  const status = async (headers: Readonly<Record<string, string>>) =>
    new Client(memory.port, headers).call("GET", "/version");

  it("answers the version to a token over TLS 1.3", async () => {
    const answer = await memory.client.call("GET", "/version");
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.data, {
      version,
      release: version.split(".").slice(0, 2).join("."),
      repoid: "0000000000000000",
    });
    assert.match(answer.headers["content-type"] ?? "", /^application\/json/);
  });

  it("refuses no token, a wrong secret, an unknown token, with 401 and no body", async () => {
    const none = await status({});
    assert.deepEqual([none.status, none.reason, none.text], [401, "No ticket", ""]);
    const wrong = await status({ authorization: "PVEAPIToken=pulumi@pve!lab=0000" });
    assert.deepEqual([wrong.status, wrong.reason, wrong.text], [401, "invalid token value!", ""]);
    const unknown = await status({ authorization: "PVEAPIToken=pulumi@pve!other=0000" });
    assert.equal(unknown.status, 401);
  });

  it("gives a ticket for the password; writing with it needs the CSRF token", async () => {
    const anonymous = new Client(memory.port, {});
    const login = { username: "root@pam", password: "lab-root-password" };
    const { data } = await anonymous.call("POST", "/access/ticket", login);
    const { ticket, CSRFPreventionToken: csrf, username } = record(data);
    assert.equal(username, "root@pam");
    // Clients want more than three parts, the second of them the user.
    assert.equal(String(ticket).split(":")[1], "root@pam");
    const cookie = `PVEAuthCookie=${encodeURIComponent(String(ticket))}`;
    const pool = { poolid: "mine" };
    const without = await new Client(memory.port, { cookie }).call("POST", "/pools", pool);
    assert.equal(without.status, 401);
    const headers = { cookie, csrfpreventiontoken: String(csrf) };
    assert.equal((await new Client(memory.port, headers).call("POST", "/pools", pool)).status, 200);
  });

  it("refuses a wrong password and a forged ticket", async () => {
    const login = { username: "root@pam", password: "wrong" };
    const refused = await new Client(memory.port, {}).call("POST", "/access/ticket", login);
    assert.deepEqual([refused.status, refused.reason], [401, "authentication failure"]);
    assert.equal((await status({ cookie: "PVEAuthCookie=PVE:root@pam:0::x" })).status, 401);
  });

  it("answers 501 to what it does not have, and never 200", async () => {
    const paths: [string, string][] = [
      ["GET", "/nodes/pve1/ceph/status"],
      ["GET", "/nowhere"],
      ["POST", "/version"],
      ["DELETE", "/nodes"],
      ["POST", "/nodes/pve1/lxc/100/clone"],
      ["GET", "/cluster/sdn/zones"],
    ];
    for (const [method, path] of paths) {
      const answer = await memory.client.call(method, path);
      assert.equal(answer.status, 501, `${method} ${path}`);
      assert.match(answer.reason, /not implemented/);
    }
  });

  it("refuses a multipart body rather than ignoring it", async () => {
    const answer = await send(
      {
        host: "127.0.0.1",
        port: memory.port,
        method: "POST",
        path: "/api2/json/pools",
        headers: {
          authorization: "PVEAPIToken=pulumi@pve!lab=0b9bf2b6-6f2c-4a62-8a5b-3c7d2f5f7a10",
          "content-type": "multipart/form-data; boundary=x",
        },
        rejectUnauthorized: false,
        agent: false,
      },
      "--x--",
    );
    assert.equal(answer.status, 506);
    assert.match(answer.reason, /multipart\/form-data/);
  });

  it("answers for an unknown node as a node that cannot find it", async () => {
    const answer = await memory.client.call("GET", "/nodes/pve9/network");
    assert.equal(answer.status, 500);
    assert.match(answer.reason, /^hostname lookup 'pve9' failed/);
  });
});
