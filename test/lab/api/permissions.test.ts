import assert from "node:assert/strict";

import { send } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";

describeEachVersion("lab API: what only root@pam may", (version) => {
  let memory: MemoryLab;
  before(async () => {
    memory = await startMemoryLab({ version });
    await memory.client.run("POST", LXC, container(100));
  });
  after(async () => memory.lab.close());

  const refused = async (fields: Readonly<Record<string, string>>, what: RegExp) => {
    const answer = await memory.client.call("PUT", `${LXC}/100/config`, fields);
    assert.equal(answer.status, 403);
    assert.match(answer.reason, /^Permission check failed/);
    assert.match(answer.reason, what);
  };

  it("refuses a token every feature but nesting", async () => {
    for (const features of ["nesting=1,keyctl=1", "fuse=1,nesting=1", "nesting=1,mount=nfs"]) {
      await refused({ features }, /except nesting/);
    }
    const create = await memory.client.call("POST", LXC, container(101, { features: "keyctl=1" }));
    assert.equal(create.status, 403);
    const privileged = container(101, { unprivileged: "0" });
    assert.match(
      (await memory.client.call("POST", LXC, privileged)).reason,
      /privileged container/,
    );
  });

  it("counts an absent feature and one set to 0 as different, as Proxmox does", async () => {
    await refused({ features: "fuse=0,keyctl=0,nesting=1,mknod=0" }, /except nesting/);
  });

  it("lets a token switch nesting", async () => {
    const answer = await memory.client.call("PUT", `${LXC}/100/config`, { features: "nesting=0" });
    assert.equal(answer.status, 200);
  });

  it("refuses a token hook scripts, devices and paths as mount points", async () => {
    await refused({ hookscript: "local:snippets/x.sh" }, /hookscript/);
    await refused({ dev0: "path=/dev/net/tun" }, /device/);
    await refused({ mp0: "/srv,mp=/srv" }, /bind/);
  });

  it("lets the node's own root set what a token may not", async () => {
    const socketPath = `/tmp/lab-permissions-${process.pid}.sock`;
    await memory.lab.listenUnix(socketPath);
    const answer = await send(
      {
        socketPath,
        method: "PUT",
        path: `/api2/json${LXC}/100/config`,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
      "features=nesting%3D1%2Ckeyctl%3D1",
    );
    assert.equal(answer.status, 200);
  });
});
