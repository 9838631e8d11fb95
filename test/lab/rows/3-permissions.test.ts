/** docs/proxmox/provider-calls.md 3.6, row by row: what a user other than root@pam may not. */
import assert from "node:assert/strict";

import { USER_CONFIG } from "../../../lab/access/read";
import { Client, FULL_TOKEN, PROGRAM_TOKEN } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";
const CONFIG = `${LXC}/100/config`;

describeEachVersion("docs/proxmox/provider-calls.md 3.6", (version) => {
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

  it("3.6 privileged CT: one needs Sys.Modify on / from 9.0 on", async () => {
    const answer = program.call("POST", LXC, container(101, privileged));
    if (version.startsWith("8")) assert.equal((await answer).status, 200);
    else assert.equal(await refusal(answer), "/, Sys.Modify");
    assert.equal(await full.run("POST", LXC, container(102, privileged)), "OK");
  });

  it("3.6 privileged CT: features of a privileged container are for root@pam, whatever else a token may", async () => {
    const wanted = container(101, { unprivileged: "0", features: "nesting=1" });
    assert.equal(
      await refusal(full.call("POST", LXC, wanted)),
      "changing feature flags for privileged container is only allowed for root@pam",
    );
  });

  it("3.6 unprivileged: nesting alone needs VM.Allocate; without it even that is refused", async () => {
    const off = { features: "nesting=0" };
    assert.equal((await program.call("PUT", CONFIG, off)).status, 200);
    const config = (await memory.backend.readFile("pve1", USER_CONFIG)) ?? "";
    await memory.backend.writeFile("pve1", USER_CONFIG, config.replace("VM.Allocate,", ""));
    assert.equal(
      await refusal(program.call("PUT", CONFIG, { features: "nesting=1" })),
      "/vms/100, VM.Allocate",
    );
  });

  it("3.6 keyctl; 3.6 in-place change of features; 9 row 1: other features are for root@pam, and one set to 0 counts as changed", async () => {
    for (const features of ["nesting=1,keyctl=1", "fuse=0,keyctl=0,nesting=1,mknod=0"]) {
      assert.equal(
        await refusal(full.call("PUT", CONFIG, { features })),
        "changing feature flags (except nesting) is only allowed for root@pam",
      );
    }
  });

  it("3.6 bind or device mount; 9 row 2: bind mounts, devices and hook scripts are for root@pam, its tokens excluded", async () => {
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

  it("3.6 net on a bridge: a net needs SDN.Use on the bridge it leaves as well as on the one it joins", async () => {
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
    assert.equal(
      (await program.call("PUT", CONFIG, tagged)).reason,
      "bridge 'other' does not exist",
    );
  });

  it("3.6 lab token minimum: what the program does needs no more than the role of docs/install.md", async () => {
    const calls = [
      ["PUT", CONFIG, { cores: "2", memory: "768", hostname: "b" }],
      ["PUT", `${LXC}/100/resize`, { disk: "rootfs", size: "5G" }],
      ["POST", `${LXC}/100/status/start`, {}],
      ["POST", `${LXC}/100/status/stop`, {}],
      ["PUT", `${LXC}/100/firewall/options`, { enable: "1" }],
      ["GET", "/nodes/pve1/storage/local/content", {}],
      ["DELETE", `${LXC}/100`, {}],
    ] as const;
    for (const [method, path, fields] of calls) {
      const { status, data } = await program.call(method, path, fields);
      assert.equal(status, 200, `${method} ${path}`);
      if (typeof data === "string" && data.startsWith("UPID:")) await program.task(data);
    }
    assert.equal(
      await refusal(program.call("PUT", "/nodes/pve1/network")),
      "/nodes/pve1, Sys.Modify",
    );
  });
});
