/** Row by row, what provider-calls.md warns of: transport, containers, and permissions. */
import assert from "node:assert/strict";

import { USER_CONFIG } from "../../../lab/access/read";
import { Client, FULL_TOKEN, PROGRAM_TOKEN, list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";
const CONFIG = `${LXC}/100/config`;
const UPID = /^UPID:pve1:[0-9A-F]+:[0-9A-F]+:[0-9A-F]+:vz\w+:100:root@pam!lab:$/;

describeEachVersion("provider-calls.md 1 and 3.1", (version) => {
  let memory: MemoryLab;
  let client: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version, taskDelayMs: 100 });
    ({ client } = memory);
  });
  afterEach(async () => memory.lab.close());

  it("1.1: an empty value counts as unset, and delete is taken repeated as well as in one list", async () => {
    await client.run("POST", LXC, container(100, { net1: "name=eth1,bridge=vmbr0" }));
    const repeated = { delete: ["net1", "net2"] };
    assert.equal((await client.call("PUT", CONFIG, repeated)).status, 200);
    assert.equal((await client.call("PUT", CONFIG, { delete: "net3,net4", tags: "" })).status, 200);
    assert.equal(record((await client.call("GET", CONFIG)).data)["net1"], undefined);
  });

  it("1.2: bad parameters are a 400 and not a 500, which the provider would repeat", async () => {
    const refused = await client.call("POST", LXC, container(100, { memory: "much" }));
    assert.equal(refused.status, 400);
    assert.deepEqual(Object.keys(refused.errors), ["memory"]);
    assert.match(refused.reason, /^Parameter verification failed\.$/);
  });

  it("1.4: the ! in the UPID of a token is taken encoded", async () => {
    const { data } = await client.call("POST", LXC, container(100));
    assert.match(String(data), UPID);
    const encoded = encodeURIComponent(String(data));
    assert.ok(encoded.includes("!lab"));
    const status = `/nodes/pve1/tasks/${encoded.replace("!", "%21")}/status`;
    const answer = await client.call("GET", status);
    assert.equal(answer.status, 200);
    assert.equal(typeof record(answer.data)["pid"], "number");
    await client.task(data);
  });

  it("3.1, first pitfall: status/current answers from the moment that a creation is taken", async () => {
    const { data } = await client.call("POST", LXC, container(100));
    const during = await client.call("GET", `${LXC}/100/status/current`);
    assert.equal(during.status, 200);
    await client.task(data);
    const after = await client.call("GET", `${LXC}/100/status/current`);
    assert.equal(record(after.data)["lock"], undefined);
  });

  it("3.1, second and third pitfall: a destroyed container does not exist, nor can it be destroyed again", async () => {
    await client.run("POST", LXC, container(100));
    await client.run("DELETE", `${LXC}/100`);
    for (const [method, path] of [
      ["GET", `${LXC}/100/status/current`],
      ["GET", CONFIG],
      ["DELETE", `${LXC}/100`],
    ] as const) {
      const answer = await client.call(method, path);
      assert.equal(answer.status, 500);
      assert.match(answer.reason, /does not exist/);
    }
  });

  it("3.1, fourth pitfall: create, start, stop and destroy answer a UPID", async () => {
    for (const [method, path, fields] of [
      ["POST", LXC, container(100)],
      ["POST", `${LXC}/100/status/start`, {}],
      ["POST", `${LXC}/100/status/stop`, {}],
      ["DELETE", `${LXC}/100`, {}],
    ] as const) {
      const { data } = await client.call(method, path, fields);
      assert.match(String(data), UPID, `${method} ${path}`);
      assert.equal(await client.task(data), "OK");
    }
  });

  it("3.1, fifth pitfall: nextid says of a taken id that it already exists, with a 400", async () => {
    await client.run("POST", LXC, container(100));
    const taken = await client.call("GET", "/cluster/nextid", { vmid: "100" });
    assert.equal(taken.status, 400);
    assert.match(taken.errors["vmid"] ?? "", /already exists/);
  });

  it("1.3 and 10, row 13: host-managed belongs to 9.1 and later, with and without the official schema", async () => {
    const guest = container(100, { net0: "name=eth0,bridge=vmbr0,host-managed=0,ip=dhcp" });
    const bare = await startMemoryLab({ version, schemaFile: false });
    try {
      for (const lab of [memory, bare]) {
        const answer = await lab.client.call("POST", LXC, guest);
        assert.equal(answer.status, version.startsWith("9.1") ? 200 : 400);
      }
    } finally {
      await bare.lab.close();
    }
  });
});

describe("provider-calls.md 3.4", () => {
  it("the interfaces of a guest list their addresses from 8.4 on, and not before", async () => {
    for (const [version, lists] of [
      ["9.1.2", true],
      ["8.4.2", true],
      ["8.3.5", false],
    ] as const) {
      const { lab, client } = await startMemoryLab({ version, schemaFile: false });
      try {
        const net0 = "name=eth0,bridge=vmbr0,ip=192.168.1.90/24";
        await client.run("POST", LXC, container(100, { net0, start: "1" }));
        const { data } = await client.call("GET", `${LXC}/100/interfaces`);
        const eth0 = list(data)
          .map(record)
          .find(({ name }) => name === "eth0");
        assert.equal(eth0?.["inet"], "192.168.1.90/24");
        assert.equal(list(eth0["ip-addresses"]).length > 0, lists, version);
      } finally {
        await lab.close();
      }
    }
  });
});

describeEachVersion("provider-calls.md 3.6", (version) => {
  let memory: MemoryLab;
  let program: Client;
  let full: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
    full = new Client(memory.port, { authorization: FULL_TOKEN });
    await program.run("POST", LXC, container(100));
  });
  afterEach(async () => memory.lab.close());

  const refusal = async (answer: ReturnType<Client["call"]>) => {
    const { status, reason } = await answer;
    assert.equal(status, 403);
    return /^Permission check failed \((.*)\)$/.exec(reason)?.[1];
  };
  const privileged = { unprivileged: "0", features: "" };

  it("row 1: a privileged container needs Sys.Modify on / from 9.0 on", async () => {
    const answer = program.call("POST", LXC, container(101, privileged));
    if (version.startsWith("8")) assert.equal((await answer).status, 200);
    else assert.equal(await refusal(answer), "/, Sys.Modify");
    assert.equal(await full.run("POST", LXC, container(102, privileged)), "OK");
  });

  it("row 1: features of a privileged container are for root@pam, whatever else a token may", async () => {
    const wanted = container(101, { unprivileged: "0", features: "nesting=1" });
    assert.equal(
      await refusal(full.call("POST", LXC, wanted)),
      "changing feature flags for privileged container is only allowed for root@pam",
    );
  });

  it("row 2: nesting alone needs VM.Allocate; without it even that is refused", async () => {
    const off = { features: "nesting=0" };
    assert.equal((await program.call("PUT", CONFIG, off)).status, 200);
    const config = (await memory.backend.readFile("pve1", USER_CONFIG)) ?? "";
    await memory.backend.writeFile("pve1", USER_CONFIG, config.replace("VM.Allocate,", ""));
    assert.equal(
      await refusal(program.call("PUT", CONFIG, { features: "nesting=1" })),
      "/vms/100, VM.Allocate",
    );
  });

  it("rows 3 and 4: other features are for root@pam, and one set to 0 counts as changed", async () => {
    for (const features of ["nesting=1,keyctl=1", "fuse=0,keyctl=0,nesting=1,mknod=0"]) {
      assert.equal(
        await refusal(full.call("PUT", CONFIG, { features })),
        "changing feature flags (except nesting) is only allowed for root@pam",
      );
    }
  });

  it("row 5: bind mounts, devices and hook scripts are for root@pam, its tokens excluded", async () => {
    const fields = [
      [{ mp0: "/srv,mp=/srv" }, "mount point type bind is only allowed for root@pam"],
      [
        { dev0: "path=/dev/net/tun" },
        "configuring device passthrough is only allowed for root@pam",
      ],
      [
        { hookscript: "local:snippets/x.sh" },
        "changing the hookscript is only allowed for root@pam",
      ],
    ] as const;
    for (const [change, text] of fields) {
      assert.equal(await refusal(full.call("PUT", CONFIG, change)), text);
    }
  });

  it("row 6: a net needs SDN.Use on the bridge it leaves as well as on the one it joins", async () => {
    const config = (await memory.backend.readFile("pve1", USER_CONFIG)) ?? "";
    const only = (bridges: readonly string[]) => {
      const lines = bridges.map(
        (bridge) => `acl:1:/sdn/zones/localnetwork/${bridge}:pulumi@pve:ProximityLan:`,
      );
      const rest = config.split("\n").filter((line) => !line.includes(":/sdn/"));
      return memory.backend.writeFile("pve1", USER_CONFIG, [...rest, ...lines, ""].join("\n"));
    };
    const move = () => program.call("PUT", CONFIG, { net0: "name=eth0,bridge=other,ip=dhcp" });
    await only(["vmbr0"]);
    assert.equal(await refusal(move()), "/sdn/zones/localnetwork/other, SDN.Use");
    await only(["other"]);
    assert.equal(await refusal(move()), "/sdn/zones/localnetwork/vmbr0, SDN.Use");
    await only(["other/5", "vmbr0"]);
    assert.equal(await refusal(move()), "/sdn/zones/localnetwork/other, SDN.Use");
    const tagged = { net0: "name=eth0,bridge=other,ip=dhcp,tag=5" };
    assert.equal((await program.call("PUT", CONFIG, tagged)).status, 200);
  });
});
