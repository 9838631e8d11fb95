import assert from "node:assert/strict";

import { DEFAULT_CREDENTIALS } from "../../../lab/server/server";
import { TICKET_LIFETIME } from "../../../lab/access/authenticator";
import { USER_CONFIG } from "../../../lab/access/read";
import { Client, FULL_TOKEN, PROGRAM_TOKEN, list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";
const SECRET = "11111111-2222-4333-8444-555555555555";
const CREDENTIALS = {
  users: { ...DEFAULT_CREDENTIALS.users, "pulumi@pve": "a-password" },
  tokens: { ...DEFAULT_CREDENTIALS.tokens, "pulumi@pve!own": SECRET },
};

describeEachVersion("lab access", (version) => {
  let memory: MemoryLab;
  let now: number;
  beforeEach(async () => {
    now = Date.now();
    memory = await startMemoryLab({ version, credentials: CREDENTIALS, now: () => now });
    await memory.client.run("POST", LXC, container(100));
  });
  afterEach(async () => memory.lab.close());

  const as = (headers: Readonly<Record<string, string>>) => new Client(memory.port, headers);
  const withToken = (authorization: string) => as({ authorization });
  const login = async (username: string, password: string) =>
    record((await as({}).call("POST", "/access/ticket", { username, password })).data);
  const session = async () => {
    const { ticket, CSRFPreventionToken: csrf } = await login("pulumi@pve", "a-password");
    const cookie = `PVEAuthCookie=${encodeURIComponent(String(ticket))}`;
    return { reading: as({ cookie }), writing: as({ cookie, csrfpreventiontoken: String(csrf) }) };
  };
  /** Changes user.cfg as an editor on the node does. */
  const edit = async (change: (text: string) => string) => {
    const text = (await memory.backend.readFile("pve1", USER_CONFIG)) ?? "";
    await memory.backend.writeFile("pve1", USER_CONFIG, change(text));
  };
  const add = (...lines: string[]) => edit((text) => `${text}${lines.join("\n")}\n`);

  it("asks for the CSRF token on everything but GET", async () => {
    const { reading, writing } = await session();
    assert.equal((await reading.call("GET", `${LXC}/100/config`)).status, 200);
    for (const [method, path] of [
      ["PUT", `${LXC}/100/config`],
      ["POST", `${LXC}/100/status/start`],
      ["DELETE", `${LXC}/100`],
    ] as const) {
      const fields = method === "PUT" ? { tags: "a" } : {};
      const refused = await reading.call(method, path, fields);
      assert.deepEqual(
        [refused.status, refused.reason],
        [401, "Permission denied - invalid csrf token"],
      );
    }
    assert.equal((await writing.call("PUT", `${LXC}/100/config`, { tags: "a" })).status, 200);
  });

  it("gives a user who logs in the privileges of user.cfg, no others", async () => {
    const { writing } = await session();
    const refused = await writing.call("POST", "/pools", { poolid: "mine" });
    assert.equal(refused.reason, "Permission check failed (/pool/mine, Pool.Allocate)");
  });

  it("takes a ticket for two hours", async () => {
    const { reading } = await session();
    now += TICKET_LIFETIME;
    assert.equal((await reading.call("GET", "/version")).status, 200);
    now += 1;
    const refused = await reading.call("GET", "/version");
    assert.deepEqual(
      [refused.status, refused.reason],
      [401, "permission denied - invalid PVE ticket"],
    );
  });

  it("knows only whom user.cfg has: not a removed token or user, a disabled or an expired one", async () => {
    const reasons: string[] = [];
    const ask = async () => {
      const { status, reason } = await withToken(PROGRAM_TOKEN).call("GET", "/version");
      assert.equal(status, 401);
      reasons.push(reason);
    };
    const whole = (await memory.backend.readFile("pve1", USER_CONFIG)) ?? "";
    const without = (start: string) =>
      whole
        .split("\n")
        .filter((line) => !line.startsWith(start))
        .join("\n");
    const past = Math.floor(now / 1000) - 1;
    for (const text of [
      without("token:pulumi@pve!lab:"),
      without("user:pulumi@pve:"),
      whole.replace("user:pulumi@pve:1:0:", "user:pulumi@pve:0:0:"),
      whole.replace("user:pulumi@pve:1:0:", `user:pulumi@pve:1:${past}:`),
      whole.replace("token:pulumi@pve!lab:0:", `token:pulumi@pve!lab:${past}:`),
    ]) {
      await edit(() => text);
      await ask();
    }
    assert.deepEqual(reasons, [
      "no such token 'lab' for user 'pulumi@pve'",
      "no such user ('pulumi@pve')",
      "user 'pulumi@pve' is disabled",
      "user 'pulumi@pve' access expired",
      "token 'pulumi@pve!lab' access expired",
    ]);
    await edit(() => whole.replace("user:pulumi@pve:1:", "user:pulumi@pve:0:"));
    const refused = await as({}).call("POST", "/access/ticket", {
      username: "pulumi@pve",
      password: "a-password",
    });
    assert.deepEqual([refused.status, refused.reason], [401, "authentication failure"]);
  });

  it("gives a separated token its own entries, and never more than its user has", async () => {
    await add("token:pulumi@pve!own:0:1::");
    const own = withToken(`PVEAPIToken=pulumi@pve!own=${SECRET}`);
    const read = () => own.call("GET", `${LXC}/100/config`);
    assert.equal((await read()).reason, "Permission check failed (/vms/100, VM.Audit)");
    await add("acl:1:/:pulumi@pve!own:Administrator:");
    assert.equal((await read()).status, 200);
    const beyond = await own.call("POST", "/nodes/pve1/network", {
      iface: "proxlan",
      type: "bridge",
    });
    assert.equal(beyond.reason, "Permission check failed (/nodes/pve1, Sys.Modify)");
  });

  it("shows one's own permissions by path, and others' to those who may look", async () => {
    const program = withToken(PROGRAM_TOKEN);
    const { data } = await program.call("GET", "/access/permissions");
    assert.deepEqual(Object.keys(record(data)).sort(), [
      "/nodes/pve1",
      "/sdn/zones/localnetwork",
      "/storage/local",
      "/storage/local-lvm",
      "/vms",
    ]);
    assert.equal(record(record(data)["/vms"])["VM.Allocate"], 1);
    const one = await program.call("GET", "/access/permissions", { path: "/pool/x" });
    assert.deepEqual(one.data, { "/pool/x": {} });
    const other = { userid: "root@pam!lab" };
    const refused = await program.call("GET", "/access/permissions", other);
    assert.equal(refused.reason, "Permission check failed (/access, Sys.Audit)");
    const seen = await memory.client.call("GET", "/access/permissions", { userid: "pulumi@pve" });
    assert.deepEqual(seen.data, data);
  });

  it("lists users, roles and ACLs as far as the caller may see them", async () => {
    const program = withToken(PROGRAM_TOKEN);
    const full = withToken(FULL_TOKEN);
    const names = async (client: Client, path: string, key: string) =>
      list((await client.call("GET", path)).data).map((entry) => record(entry)[key]);
    assert.deepEqual(await names(program, "/access/users", "userid"), ["pulumi@pve"]);
    assert.deepEqual(await names(full, "/access/users", "userid"), ["root@pam", "pulumi@pve"]);
    assert.deepEqual(await names(full, "/access/roles", "roleid"), [
      "Administrator",
      "NoAccess",
      "ProximityLan",
    ]);
    assert.equal((await names(full, "/access/acl", "path")).length, 5);
    assert.deepEqual(await names(program, "/access/acl", "path"), []);
    const { data } = await full.call("GET", "/access/users", { full: "1" });
    const tokens = list(data).map((user) => list(record(user)["tokens"]).length);
    assert.deepEqual(tokens, [1, 1]);
  });

  it("shows tasks of others only to those with Sys.Audit on the node", async () => {
    const { data: upid } = await memory.client.call("POST", `${LXC}/100/status/start`);
    await memory.client.task(upid);
    const status = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/status`;
    const program = withToken(PROGRAM_TOKEN);
    assert.equal((await program.call("GET", status)).status, 200);
    await edit((text) => text.replace("Sys.Audit,", ""));
    const refused = await program.call("GET", status);
    assert.equal(refused.reason, "Permission check failed (/nodes/pve1, Sys.Audit)");
    assert.deepEqual((await program.call("GET", "/nodes/pve1/tasks")).data, []);
    const own = await program.call("PUT", `${LXC}/100/resize`, { disk: "rootfs", size: "8G" });
    assert.equal(await program.task(own.data), "OK");
    assert.equal(list((await program.call("GET", "/nodes/pve1/tasks")).data).length, 1);
  });

  it("takes a pool's role for its members, and Pool.Allocate to put a new guest in", async () => {
    await memory.client.call("POST", "/pools", { poolid: "box" });
    const program = withToken(PROGRAM_TOKEN);
    const guest = container(101, { pool: "box" });
    const refused = await program.call("POST", LXC, guest);
    assert.equal(
      refused.reason,
      "Permission check failed (/pool/box, Permissions.Modify|Pool.Allocate)",
    );
    await edit((text) =>
      text.replace("acl:1:/vms:pulumi@pve:ProximityLan:", "acl:1:/pool/box:pulumi@pve:Boxed:"),
    );
    await add(
      "role:Boxed:Pool.Allocate,VM.Allocate,VM.Audit,VM.Config.CPU,VM.Config.Memory,VM.Config.Network,VM.Config.Options,VM.PowerMgmt:",
    );
    assert.equal(await program.run("POST", LXC, guest), "OK");
    assert.equal((await program.call("GET", `${LXC}/101/config`)).status, 200);
    const alone = await program.call("GET", `${LXC}/100/config`);
    assert.equal(alone.reason, "Permission check failed (/vms/100, VM.Audit)");
  });
});
