import assert from "node:assert/strict";

import fc from "fast-check";

import { BackendError } from "../../lab/backend/backend";
import { parseForm } from "../../lab/server/request";
import { startMemoryLab } from "./support/memory-lab";

describe("request parser", () => {
  it("decodes plus signs, percent-encoding, repeated and empty values", () => {
    assert.deepEqual(
      [...parseForm("a=1+2&b=%2C%3D%0A&delete=net1&delete=net2&empty=&bare&&x=y=z")],
      [
        ["a", ["1 2"]],
        ["b", [",=\n"]],
        ["delete", ["net1", "net2"]],
        ["empty", [""]],
        ["bare", [""]],
        ["x", ["y=z"]],
      ],
    );
  });

  it("refuses broken encoding with a 400", () => {
    assert.throws(
      () => parseForm("a=%zz"),
      (error) => error instanceof BackendError && error.status === 400,
    );
  });

  it("reads back every form", () => {
    const pairs = fc.array(
      fc.tuple(fc.string({ minLength: 1, unit: "grapheme" }), fc.string({ unit: "grapheme" })),
    );
    fc.assert(
      fc.property(pairs, (sent) => {
        const read = [...parseForm(new URLSearchParams(sent).toString())].flatMap(
          ([name, values]) => values.map((value) => [name, value]),
        );
        const sorted = (list: readonly (readonly string[])[]) =>
          list.map((pair) => JSON.stringify(pair)).sort();
        assert.deepEqual(sorted(read), sorted(sent));
      }),
    );
  });

  it("decodes path segments after splitting, and takes a trailing slash", async () => {
    const { client, lab } = await startMemoryLab();
    try {
      const volume = encodeURIComponent("local:vztmpl/none.tar.zst");
      const gone = await client.call("DELETE", `/nodes/pve1/storage/local/content/${volume}`);
      assert.deepEqual(
        [gone.status, gone.reason],
        [404, "volume 'local:vztmpl/none.tar.zst' does not exist"],
      );
      assert.equal((await client.call("GET", "/nodes/")).status, 200);
    } finally {
      await lab.close();
    }
  });

  it("refuses a body that contradicts the path", async () => {
    const { client, lab } = await startMemoryLab();
    try {
      const fields = { iface: "other", type: "bridge" };
      const answer = await client.call("PUT", "/nodes/pve1/network/vmbr0", fields);
      assert.equal(answer.status, 400);
      assert.match(answer.errors["iface"] ?? "", /already defined in URI/);
    } finally {
      await lab.close();
    }
  });
});
