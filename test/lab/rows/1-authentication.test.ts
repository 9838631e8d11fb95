/** docs/proxmox/provider-calls.md 1.3, row by row: who may call, and what the version decides. */
import assert from "node:assert/strict";

import { Client, PROGRAM_TOKEN, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";

describeEachVersion("docs/proxmox/provider-calls.md 1.3", (version) => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab({ version })));
  afterEach(async () => memory.lab.close());

  const login = async (extra = {}) => {
    const sent = { username: "root@pam", password: "lab-root-password", ...extra };
    return new Client(memory.port, {}).call("POST", "/access/ticket", sent);
  };

  it("1.3 apiToken: the token alone is enough, for reading and for writing", async () => {
    const program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
    assert.equal((await program.call("GET", "/version")).status, 200);
    assert.equal(await program.run("POST", LXC, container(100)), "OK");
    const wrong = new Client(memory.port, { authorization: `${PROGRAM_TOKEN}0` });
    assert.equal((await wrong.call("GET", "/version")).status, 401);
  });

  it("1.3 authTicket: a ticket reads alone, and writes with its CSRF token only", async () => {
    const { ticket, CSRFPreventionToken: token } = record((await login()).data);
    assert.ok(String(ticket).split(":").length > 3);
    assert.equal(String(ticket).split(":")[1], "root@pam");
    const cookie = `PVEAuthCookie=${encodeURIComponent(String(ticket))}`;
    const reading = new Client(memory.port, { cookie });
    assert.equal((await reading.call("GET", "/nodes")).status, 200);
    assert.equal((await reading.call("POST", "/pools", { poolid: "a" })).status, 401);
    const writing = new Client(memory.port, { cookie, csrfpreventiontoken: String(token) });
    assert.equal((await writing.call("POST", "/pools", { poolid: "a" })).status, 200);
  });

  it("1.3 username: a login answers ticket, CSRF token and user, and asks for no second factor", async () => {
    const data = record((await login()).data);
    assert.deepEqual(Object.keys(data).sort(), ["CSRFPreventionToken", "ticket", "username"]);
    assert.equal((await login({ password: "wrong" })).status, 401);
  });

  it("1.3 row 2: the version is one that a client can compare", async () => {
    const data = record((await memory.client.call("GET", "/version")).data);
    assert.match(String(data["version"]), /^\d+\.\d+\.\d+$/);
    assert.deepEqual(Object.keys(data).sort(), ["release", "repoid", "version"]);
  });

  it("1.3 row 3; 9 row 13: host-managed belongs to 9.1 and later", async () => {
    const guest = container(100, { net0: "name=eth0,bridge=vmbr0,host-managed=0,ip=dhcp" });
    const answer = await memory.client.call("POST", LXC, guest);
    assert.equal(answer.status, version.startsWith("9.1") ? 200 : 400);
  });

  it("1.3 row 4: root@pam is root, and a token of root@pam is not", async () => {
    const guest = container(100, { features: "nesting=1,keyctl=1" });
    assert.equal((await memory.client.call("POST", LXC, guest)).status, 403);
    const { ticket, CSRFPreventionToken: token } = record((await login()).data);
    const root = new Client(memory.port, {
      cookie: `PVEAuthCookie=${encodeURIComponent(String(ticket))}`,
      csrfpreventiontoken: String(token),
    });
    assert.equal(await root.run("POST", LXC, guest), "OK");
  });
});
