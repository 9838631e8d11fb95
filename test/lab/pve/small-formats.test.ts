import assert from "node:assert/strict";

import fc from "fast-check";

import { lineDiff } from "../../../lab/pve/line-diff";
import {
  formatDiskSize,
  parseDiskSize,
  parseRootfs,
  parseRootfsRequest,
  printRootfs,
} from "../../../lab/pve/rootfs";
import { formatUpid, parseUpid } from "../../../lab/pve/upid";

describe("UPID", () => {
  it("has the form that clients split at its colons", () => {
    const task = {
      node: "pve1",
      pid: 4321,
      pstart: 255,
      starttime: 1_700_000_000,
      type: "vzcreate",
      id: "100",
      user: "pulumi@pve!lab",
    };
    const upid = formatUpid(task);
    assert.equal(upid, "UPID:pve1:000010E1:000000FF:6553F100:vzcreate:100:pulumi@pve!lab:");
    assert.deepEqual(parseUpid(upid), task);
    assert.equal(parseUpid("UPID:pve1:xyz"), undefined);
  });
});

describe("rootfs", () => {
  it("reads what the provider sends, with and without volume=", () => {
    const read = parseRootfsRequest("volume=local-lvm:8,mountoptions=noatime;nodev", "local");
    assert.deepEqual([read.storage, read.sizeGiB], ["local-lvm", 8]);
    assert.equal(read.options.get("mountoptions"), "noatime;nodev");
    assert.deepEqual(parseRootfsRequest(undefined, "local-lvm").sizeGiB, 4);
    assert.deepEqual(parseRootfsRequest("6", "local-lvm").storage, "local-lvm");
  });

  it("refuses an existing volume and unknown options", () => {
    assert.throws(() => parseRootfsRequest("local-lvm:vm-1-disk-0", "x"), /only new volumes/);
    assert.throws(() => parseRootfsRequest("local:8,evil=1", "x"), /verification failed/);
  });

  it("prints volume first and size last, and reads it back", () => {
    const text = printRootfs("local-lvm:vm-100-disk-0", 8 * 2 ** 30, new Map([["acl", "1"]]));
    assert.equal(text, "local-lvm:vm-100-disk-0,acl=1,size=8G");
    const { volid, bytes } = parseRootfs(text);
    assert.deepEqual([volid, bytes], ["local-lvm:vm-100-disk-0", 8 * 2 ** 30]);
  });

  it("keeps every size through text", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 46 }), (bytes) => {
        assert.equal(parseDiskSize(formatDiskSize(bytes)), bytes);
      }),
    );
  });
});

describe("pending changes as a diff", () => {
  it("is empty for the same text and shows each changed line", () => {
    assert.equal(lineDiff("f", "a\n", "a\n"), "");
    assert.equal(
      lineDiff("f", "a\nb\nc\n", "a\nx\nc\nd\n"),
      "--- f\n+++ f.new\n@@ -1,3 +1,4 @@\n a\n-b\n+x\n c\n+d\n",
    );
  });

  it("holds both texts, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff("f", before.join("\n"), after.join("\n"))
          .trimEnd()
          .split("\n")
          .slice(3);
        if (lines.length === 0) return;
        const side = (sign: string) =>
          lines
            .filter((line) => line.startsWith(" ") || line.startsWith(sign))
            .map((line) => line.slice(1));
        assert.deepEqual(side("-"), before);
        assert.deepEqual(side("+"), after);
      }),
    );
  });
});
