import assert from "node:assert/strict";

import { apiContract } from "./api-contract";
import { Client, FULL_TOKEN } from "./support/client";
import { container, startMemoryLab, type MemoryLab } from "./support/memory-lab";
import { mayWrite, namesNode, nodeOf } from "./support/node";
import { VERSIONS } from "./support/schemas";

const TRIAL = {
  vmid: 900,
  template: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
  storage: "local-lvm",
  bridge: "vmbr0",
};

for (const version of VERSIONS) {
  const make = async () => {
    const { lab, client, port } = await startMemoryLab({ version });
    const stranger = new Client(port, {});
    return { client, stranger, node: "pve1", trial: TRIAL, close: () => lab.close() };
  };
  apiContract(`memory lab as ${version}`, make, { writes: true });
}

/** What the environment of a person with a node would be, for a lab. */
const environmentOf = ({ port }: MemoryLab) => ({
  PVE_ENDPOINT: `https://127.0.0.1:${port}`,
  PVE_TOKEN: FULL_TOKEN.replace("PVEAPIToken=", ""),
  PVE_NODE: "pve1",
});

if (namesNode(process.env)) {
  const where = process.env["PVE_ENDPOINT"] ?? "";
  const make = () => Promise.resolve(nodeOf(process.env));
  apiContract(`the node at ${where}`, make, { writes: mayWrite(process.env) });
} else {
  const requests: string[] = [];
  const make = async () => {
    const memory = await startMemoryLab({ log: (line) => requests.push(line) });
    await memory.client.run("POST", "/nodes/pve1/lxc", container(100, { description: "theirs" }));
    requests.length = 0;
    return { ...nodeOf(environmentOf(memory)), close: () => memory.lab.close() };
  };
  apiContract("a lab in place of the node that PVE_ENDPOINT would name", make, { writes: false });

  describe("API contract without PVE_WRITE", () => {
    it("has only read", () => {
      assert.ok(requests.length > 10);
      assert.deepEqual(
        requests.filter((line) => !line.startsWith("GET ")),
        [],
      );
    });
  });
}

describe("the environment of a real node", () => {
  const full = {
    PVE_ENDPOINT: "https://pve.example:8006",
    PVE_TOKEN: "a@pve!b=c",
    PVE_NODE: "pve",
  };

  it("needs endpoint, token and node, and says which is missing", () => {
    assert.equal(nodeOf(full).node, "pve");
    for (const name of Object.keys(full)) {
      assert.throws(
        () => nodeOf({ ...full, [name]: "" }),
        new RegExp(`^Error: ${name} is not set`),
      );
    }
    assert.throws(() => nodeOf({ ...full, PVE_ENDPOINT: "http://pve" }), /begins with https/);
  });

  it("has no trial unless PVE_WRITE is 1, and then needs to be told of what", () => {
    const trial = { PVE_VMID: "900", PVE_TEMPLATE: "local:vztmpl/a", PVE_STORAGE: "local" };
    assert.equal(nodeOf({ ...full, ...trial }).trial, undefined);
    assert.throws(() => nodeOf({ ...full, PVE_WRITE: "1" }), /PVE_VMID is not set/);
    const { trial: made } = nodeOf({ ...full, ...trial, PVE_WRITE: "1" });
    assert.deepEqual(made, {
      vmid: 900,
      template: "local:vztmpl/a",
      storage: "local",
      bridge: "vmbr0",
    });
  });
});
