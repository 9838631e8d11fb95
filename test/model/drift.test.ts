import assert from "node:assert/strict";

import fc from "fast-check";

import { keepsLargerDisk, parseLook, repairInGuest, repairOnNode } from "../../model/drift";

const said = (...lines: readonly (readonly string[])[]) =>
  lines.map((words) => `${words.join("\t")}\n`).join("");

describe("parseLook", () => {
  const look = parseLook(
    said(
      ["proximity-lan-isolation", "found", "the bridge proximity-lan is down"],
      ["100", "script", "appliance-packages.sh"],
      ["100", "script", "appliance-services.sh"],
      ["100", "found", "/etc/caddy/Caddyfile has another content"],
      ["100", "diff", "@@ -1,2 +1,2 @@"],
      ["100", "diff", "-\tadmin localhost:2019"],
      ["100", "found", "caddy does not run"],
      ["100", "unsure", "whether it rains"],
      ["100", "end", ""],
      ["101", "off", "Error: container '101' not running!"],
      ["102", "end", ""],
    ),
  );

  it("gives each script of a guest what is its own to put right", () => {
    assert.equal(repairInGuest(look, 100, "appliance-packages.sh"), undefined);
    assert.deepEqual(repairInGuest(look, 100, "appliance-services.sh"), {
      drift: true,
      reason: [
        "/etc/caddy/Caddyfile has another content",
        "    @@ -1,2 +1,2 @@",
        "    -\tadmin localhost:2019",
        "caddy does not run",
      ].join("\n"),
    });
    assert.deepEqual(look.get("100")?.unsure, ["whether it rains"]);
  });

  it("keeps apart what no update puts right, with its own lines", () => {
    const held = parseLook(
      said(
        ["a-firewall-file", "held", "201.fw was changed by hand"],
        ["a-firewall-file", "diff", "+# mine"],
        ["a-firewall-file", "found", "something else"],
        ["a-firewall-file", "diff", "-it"],
      ),
    );
    assert.deepEqual(held.get("a-firewall-file")?.held, [
      { text: "201.fw was changed by hand", diff: ["+# mine"] },
    ]);
    assert.equal(repairOnNode(held, "a-firewall-file")?.reason, "something else\n    -it");
  });

  it("orders no repair where nobody could look, or where there is no guest yet", () => {
    assert.equal(look.get("101")?.off, "Error: container '101' not running!");
    assert.equal(repairInGuest(look, 101, "app.sh"), undefined);
    assert.equal(repairInGuest(look, 103, "app.sh"), undefined);
    assert.equal(repairOnNode(look, "other-isolation"), undefined);
  });

  it("runs a script again that has left nothing in a guest, without calling that drift", () => {
    assert.deepEqual(repairInGuest(look, 102, "app.sh"), {
      drift: false,
      reason: "app.sh has not left its mark in guest 102 yet",
    });
  });

  it("gives a resource of the node what is wrong there", () => {
    assert.deepEqual(repairOnNode(look, "proximity-lan-isolation"), {
      drift: true,
      reason: "the bridge proximity-lan is down",
    });
  });

  it("has work that is still to be done, done without calling that drift, and in silence if told nothing", () => {
    const none = parseLook(said(["b-isolation", "absent", ""], ["nat", "absent", "old rules go:"]));
    assert.deepEqual(repairOnNode(none, "b-isolation"), { drift: false, reason: "" });
    assert.deepEqual(repairOnNode(none, "nat"), { drift: false, reason: "old rules go:" });
  });

  it("lets no word of a guest move the terminal's cursor", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (word) => {
        const text = word.replaceAll("\n", "");
        const hostile = parseLook(said(["100", "script", "app.sh"], ["100", "found", text]));
        const { reason = "" } = repairInGuest(hostile, 100, "app.sh") ?? {};
        assert.doesNotMatch(reason, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe("a disk that somebody made larger", () => {
  const isLarger = (rootfs: string) =>
    keepsLargerDisk(parseLook(`101\tsetting\trootfs: ${rootfs}\n`), { vmid: 101, disk: 4 });

  it("is known in every unit, and from one as declared or smaller", () => {
    for (const size of ["5G", "4100M", "1T", "6442450944", "5242880K"])
      assert.equal(isLarger(`local-lvm:vm-101-disk-0,acl=1,size=${size}`), true, size);
    for (const size of ["4G", "3G", "4096M", "4294967296"])
      assert.equal(isLarger(`local-lvm:vm-101-disk-0,size=${size}`), false, size);
    assert.equal(isLarger("local-lvm:vm-101-disk-0"), false);
  });
});
