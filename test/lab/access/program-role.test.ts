/** The least role, which docs/install.md creates, and that the lab's token has: it suffices, and nothing of it is spare. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { parseUserConfig } from "../../../lab/access/user-config";
import { USER_CONFIG } from "../../../lab/access/read";
import { Client, PROGRAM_TOKEN, list, record, type Answer } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const ROOT = path.resolve(__dirname, "../../..");
const page = (name: string): string => readFileSync(path.join(ROOT, "docs", name), "utf8");
const pveum = (verb: string): readonly string[] =>
  page("install.md")
    .split("\n")
    .filter((line) => line.startsWith(`pveum ${verb} `));

const LXC = "/nodes/pve1/lxc";
const CONFIG = `${LXC}/100/config`;

/** Where docs/token.md says that a privilege is granted, as paths of the lab. */
const PLACES: Readonly<Record<string, string>> = {
  "`/vms`": "/vms",
  "the node": "/nodes/pve1",
  "the storage of `storage`": "/storage/local-lvm",
  "the storage of `template`": "/storage/local",
  "the zone `localnetwork`": "/sdn/zones/localnetwork",
};

/** Each privilege of docs/token.md with the path that it is needed on. */
const grants = [
  ...page("token.md").matchAll(/^\| `((?:VM|Sys|SDN|Datastore)\.[\w.]+)` +\| ([^|]+?) +\|/gm),
].map(([, privilege = "", place = ""]) => ({ privilege, path: PLACES[place] ?? place }));

/** A user.cfg that grants exactly these, each on its own path. */
const userConfig = (granted: typeof grants): string =>
  [
    "user:pulumi@pve:1:0::::::",
    "token:pulumi@pve!lab:0:0::",
    ...Object.values(PLACES).flatMap((place, at) => {
      const privileges = granted.filter((grant) => grant.path === place);
      return [
        `role:Place${at}:${privileges.map(({ privilege }) => privilege).join(",")}:`,
        `acl:1:${place}:pulumi@pve:Place${at}:`,
      ];
    }),
    "",
  ].join("\n");

/** The call that each privilege is for, and how Proxmox refuses it without. */
const CALLS: Readonly<
  Record<string, readonly [string, string, Readonly<Record<string, string>>, string?]>
> = {
  "VM.Allocate": ["DELETE", `${LXC}/100`, {}, "/vms/100, VM.Allocate"],
  "VM.Audit": ["GET", CONFIG, {}, "/vms/100, VM.Audit"],
  "VM.Config.CPU": ["PUT", CONFIG, { cores: "2" }, "/vms/100, VM.Config.CPU"],
  "VM.Config.Memory": ["PUT", CONFIG, { memory: "256" }, "/vms/100, VM.Config.Memory"],
  "VM.Config.Disk": [
    "PUT",
    `${LXC}/100/resize`,
    { disk: "rootfs", size: "8G" },
    "/vms/100, VM.Config.Disk",
  ],
  "VM.Config.Network": ["PUT", CONFIG, { hostname: "new" }, "/vms/100, VM.Config.Network"],
  "VM.Config.Options": ["PUT", CONFIG, { tags: "mine" }, "/vms/100, VM.Config.Options"],
  "VM.PowerMgmt": ["POST", `${LXC}/100/status/start`, {}, "/vms/100, VM.PowerMgmt"],
  "Datastore.AllocateSpace": [
    "POST",
    LXC,
    container(101),
    "/storage/local-lvm, Datastore.AllocateSpace",
  ],
  "Datastore.Audit": [
    "GET",
    "/nodes/pve1/storage/local/content",
    {},
    "/storage/local, Datastore.Audit|Datastore.AllocateSpace",
  ],
  "SDN.Use": ["POST", LXC, container(101), "/sdn/zones/localnetwork/vmbr0, SDN.Use"],
  "Sys.Audit": ["GET", "/nodes/pve1/status", {}, "/nodes/pve1, Sys.Audit"],
};

describe("the lab's token", () => {
  it("has the role, the paths and the kind of token that the commands of docs/install.md create", () => {
    const { users, tokens, roles, acl } = parseUserConfig(
      readFileSync(path.join(ROOT, "lab/node/etc/pve/user.cfg"), "utf8"),
    );
    const [, user = ""] = /^pveum user add (\S+) /.exec(pveum("user add")[0] ?? "") ?? [];
    const [, role = "", privileges = ""] =
      /^pveum role add (\S+) --privs "([^"]+)"/.exec(pveum("role add")[0] ?? "") ?? [];
    assert.ok(users.has(user));
    assert.deepEqual([...(roles.get(role) ?? [])].sort(), privileges.split(",").sort());
    const paths = pveum("acl modify").flatMap((line) =>
      line.endsWith(`--users ${user} --roles ${role}`) ? [line.split(" ")[3] ?? ""] : [],
    );
    assert.deepEqual(
      acl.filter(({ subject }) => subject === user).map((entry) => entry.path),
      paths.map((name) => name.replace(/^\/nodes\/pve$/, "/nodes/pve1")),
    );
    assert.match(pveum("user token add")[0] ?? "", / --privsep 0$/);
    assert.equal(tokens.get(`${user}!lab`)?.privsep, false);
  });

  it("has a role whose every privilege has a row in docs/token.md and a call here", () => {
    const [, privileges = ""] = /--privs "([^"]+)"/.exec(pveum("role add")[0] ?? "") ?? [];
    const names = privileges.split(",").sort();
    assert.deepEqual(grants.map(({ privilege }) => privilege).sort(), names);
    assert.deepEqual(Object.keys(CALLS).sort(), names);
    for (const grant of grants) assert.match(grant.path, /^\//);
  });
});

describeEachVersion("the documented role", (version) => {
  let memory: MemoryLab;
  let program: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
    assert.equal(await memory.client.run("POST", LXC, container(100)), "OK");
  });
  afterEach(async () => memory.lab.close());

  const granted = (some: typeof grants) =>
    memory.backend.writeFile("pve1", USER_CONFIG, userConfig(some));
  const call = ([method, at, fields]: readonly [
    string,
    string,
    Readonly<Record<string, string>>,
    string?,
  ]): Promise<Answer> => program.call(method, at, fields);

  it("suffices for the life of a container", async () => {
    await granted(grants);
    assert.equal(
      await program.run("POST", LXC, container(101, { rootfs: "volume=local-lvm:8" })),
      "OK",
    );
    assert.equal(await program.run("POST", `${LXC}/101/status/start`), "OK");
    const change = { cores: "2", memory: "256", tags: "a", hostname: "b", delete: "net1" };
    assert.equal((await program.call("PUT", `${LXC}/101/config`, change)).status, 200);
    assert.equal(await program.run("POST", `${LXC}/101/status/reboot`), "OK");
    assert.equal(await program.run("POST", `${LXC}/101/status/shutdown`), "OK");
    assert.equal(await program.run("DELETE", `${LXC}/101`), "OK");
  });

  for (const grant of grants) {
    const wanted = CALLS[grant.privilege];
    it(`without ${grant.privilege} on ${grant.path} refuses ${wanted?.[0] ?? ""} ${wanted?.[1] ?? ""}`, async () => {
      if (wanted === undefined) assert.fail(`no call for ${grant.privilege}`);
      await granted(grants.filter((other) => other !== grant));
      const refused = await call(wanted);
      assert.equal(refused.status, 403);
      assert.equal(refused.reason, `Permission check failed (${wanted[3] ?? ""})`);
      assert.equal(refused.envelope["message"], `${refused.reason}\n`);
      await granted(grants);
      assert.equal((await call(wanted)).status, 200);
    });
  }

  it("without VM.Allocate refuses a new container, and names no path as there could be two", async () => {
    await granted(grants.filter(({ privilege }) => privilege !== "VM.Allocate"));
    const refused = await program.call("POST", LXC, container(101));
    assert.deepEqual([refused.status, refused.reason], [403, "Permission check failed"]);
  });

  it("without Datastore.Audit on the template's storage refuses to make a container of it", async () => {
    await granted(grants.filter(({ privilege }) => privilege !== "Datastore.Audit"));
    const refused = await program.call("POST", LXC, container(101));
    assert.deepEqual(
      [refused.status, refused.reason],
      [403, "Permission check failed (/storage/local, Datastore.AllocateSpace|Datastore.Audit)"],
    );
  });

  it("lists guests' disks only where Datastore.Audit and VM.Config.Disk are given", async () => {
    const disks = async () =>
      list((await program.call("GET", "/nodes/pve1/storage/local-lvm/content")).data).length;
    const audit = { privilege: "Datastore.Audit", path: "/storage/local-lvm" };
    await granted([...grants, audit]);
    assert.equal(await disks(), 1);
    await granted(grants);
    assert.equal(await disks(), 0);
    await granted([...grants.filter(({ privilege }) => privilege !== "VM.Config.Disk"), audit]);
    assert.equal(await disks(), 0);
  });

  it("hides what it may not see instead of refusing: guests, storages, bridges, figures", async () => {
    await granted([]);
    const shown = async (at: string) => list((await program.call("GET", at)).data).map(record);
    assert.deepEqual(await shown(LXC), []);
    assert.deepEqual(await shown("/nodes/pve1/storage"), []);
    const names = (await shown("/nodes/pve1/network")).map(({ iface }) => iface);
    assert.ok(!names.includes("vmbr0") && names.includes("eno1"));
    const resources = await shown("/cluster/resources");
    assert.deepEqual(
      resources.map(({ id }) => id),
      ["node/pve1"],
    );
    const [node] = await shown("/nodes");
    assert.deepEqual([node?.["status"], node?.["maxmem"]], ["online", undefined]);
    await granted(grants);
    assert.equal((await shown(LXC)).length, 1);
    assert.ok((await shown("/nodes/pve1/network")).some(({ iface }) => iface === "vmbr0"));
    assert.equal(typeof (await shown("/nodes"))[0]?.["maxmem"], "number");
  });

  it("does not reach what is outside it: bridges, pools, downloads, the firewall of the cluster", async () => {
    const outside: readonly (readonly [
      string,
      string,
      Readonly<Record<string, string>>,
      string,
    ])[] = [
      [
        "POST",
        "/nodes/pve1/network",
        { iface: "proxlan", type: "bridge" },
        "/nodes/pve1, Sys.Modify",
      ],
      ["PUT", "/nodes/pve1/network", {}, "/nodes/pve1, Sys.Modify"],
      ["POST", "/pools", { poolid: "mine" }, "/pool/mine, Pool.Allocate"],
      ["PUT", "/cluster/firewall/options", { enable: "1" }, "/, Sys.Modify"],
      [
        "POST",
        "/nodes/pve1/storage/local/download-url",
        { content: "vztmpl", filename: "a.tar.zst", url: "http://198.51.100.10/a" },
        "/storage/local, Datastore.AllocateTemplate",
      ],
    ];
    for (const wanted of outside) {
      const refused = await call(wanted);
      assert.equal(refused.status, 403, `${wanted[0]} ${wanted[1]}`);
      assert.equal(refused.reason, `Permission check failed (${wanted[3]})`);
    }
  });
});
