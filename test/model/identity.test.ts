import assert from "node:assert/strict";

import { describeContainer, generationIn, isCreatedSince, nameIn } from "../../model/identity";

const tag = "proximity-lan-dev";
const created = new Date("2026-12-01T01:02:03.456Z");
const description = describeContainer("App wiki.", { tag, vmid: 104, name: "wiki", created });

describe("the identity of a container", () => {
  it("is a line of its description, which Proxmox does not encode", () => {
    assert.equal(
      description,
      "App wiki. Created at 2026-12-01T01:02:03.456Z.\n\nproximity-lan-dev/104/wiki",
    );
    assert.equal(nameIn(description, tag), "wiki");
    assert.equal(nameIn(`${description}\n`, tag), "wiki");
    assert.equal(nameIn(description, "proximity-lan-de"), "");
    assert.equal(nameIn("App wiki. Made at 2026-12-01T01:02:03.456Z.", tag), "");
  });

  it("stays the same generation whatever people write into the notes, and whoever marks it later", () => {
    const old = "App wiki. Made at 2026-12-01T01:02:03.456Z.";
    for (const text of [
      description,
      `Ask Alice first.\n${description}\n`,
      old,
      `${old}\n${tag}/104/wiki\n`,
    ])
      assert.equal(generationIn(text), "2026-12-01T01:02:03.456Z");
    assert.equal(generationIn("adopted"), "adopted");
    assert.equal(generationIn(`adopted\n${tag}/104/wiki\n`), "adopted");
  });

  it("tells a container of this run from one of an earlier run", () => {
    assert.equal(isCreatedSince(description, created), true);
    assert.equal(isCreatedSince(description, new Date(created.getTime() + 1)), false);
    assert.equal(isCreatedSince("adopted", created), false);
  });
});
