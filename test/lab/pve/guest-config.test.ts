import assert from "node:assert/strict";

import fc from "fast-check";

import {
  emptyGuestConfig,
  formatGuestConfig,
  parseGuestConfig,
  type GuestConfigFile,
} from "../../../lab/pve/guest-config";

const SAMPLE = `#first line
#100%25 sure, ünd so
hostname: app
memory: 512
lxc.net.1.type = macvlan
lxc.net.1.link: vmbr0
net0: name=eth0,bridge=vmbr0

[pve:pending]
delete: net1
memory: 1024

[snap1]
#of yesterday
memory: 256
lxc.cap.drop: sys_admin
`;

const trimmed = fc.string({ unit: "binary" }).map((text) => text.replace(/[\r\n]/g, " ").trim());
const value = trimmed.filter((text) => text !== "");
const key = fc.stringMatching(/^[a-z][a-z_]{0,8}\d{0,2}$/);
const rawKey = fc.stringMatching(/^lxc\.(net\.\d|cap\.drop|cgroup2\.[a-z]{1,5})$/);
const plain = { noNullPrototype: true } as const;
const config = fc.record(
  {
    keys: fc
      .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name })
      .map((pairs) => new Map(pairs)),
    lxc: fc.array(fc.tuple(rawKey, trimmed)),
    description: fc.string({ unit: "binary" }).map((text) => `${text.replace(/\n+$/, "")}\n`),
  },
  plain,
);
const file: fc.Arbitrary<GuestConfigFile> = fc.record(
  {
    current: config,
    pending: fc
      .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name })
      .map((pairs) => new Map(pairs)),
    snapshots: fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9_-]{1,6}$/), config), {
        selector: ([name]) => name,
      })
      .map((pairs) => new Map(pairs)),
    ignored: fc.constant([]),
  },
  plain,
);

describe("guest config file", () => {
  it("reads keys, raw lines, pending changes and snapshots", () => {
    const { current, pending, snapshots, ignored } = parseGuestConfig(SAMPLE);
    assert.equal(current.description, "first line\n100% sure, ünd so\n");
    assert.deepEqual([...current.keys.keys()], ["hostname", "memory", "net0"]);
    assert.deepEqual(current.lxc, [
      ["lxc.net.1.type", "macvlan"],
      ["lxc.net.1.link", "vmbr0"],
    ]);
    assert.deepEqual(
      [...pending],
      [
        ["delete", "net1"],
        ["memory", "1024"],
      ],
    );
    assert.equal(snapshots.get("snap1")?.keys.get("memory"), "256");
    assert.deepEqual(snapshots.get("snap1")?.lxc, [["lxc.cap.drop", "sys_admin"]]);
    assert.deepEqual(ignored, []);
  });

  it("writes sorted keys, raw lines last, normalised to colons", () => {
    assert.equal(
      formatGuestConfig(parseGuestConfig(SAMPLE)),
      SAMPLE.replace("ünd", "%C3%BCnd").replace(
        "lxc.net.1.type = macvlan\nlxc.net.1.link: vmbr0\nnet0: name=eth0,bridge=vmbr0\n",
        "net0: name=eth0,bridge=vmbr0\nlxc.net.1.type: macvlan\nlxc.net.1.link: vmbr0\n",
      ),
    );
  });

  it("gives a raw line after a section header to that section", () => {
    const { current, snapshots } = parseGuestConfig(
      "memory: 1\n\n[snap1]\nmemory: 2\nlxc.net.1.type: macvlan\n",
    );
    assert.deepEqual(current.lxc, []);
    assert.equal(snapshots.get("snap1")?.lxc.length, 1);
  });

  it("drops and reports lines that mean nothing, and raw lines that Proxmox refuses", () => {
    const text = "memory: 512\nnonsense\nlxc.rootfs.path: /\nBAD: x\n";
    const { current, ignored } = parseGuestConfig(text);
    assert.deepEqual([...current.keys.keys()], ["memory"]);
    assert.deepEqual(ignored, ["nonsense", "lxc.rootfs.path: /", "BAD: x"]);
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(file, (written) => {
        const read = parseGuestConfig(formatGuestConfig(written));
        assert.deepEqual(read, written);
      }),
    );
  });

  it("lets no description and no value become a line of its own", () => {
    const hostile = fc
      .string({ unit: "binary" })
      .map((text) => `${text}\nlxc.cap.drop: \n[evil]\n`);
    fc.assert(
      fc.property(hostile, (description) => {
        const { current, ...rest } = emptyGuestConfig();
        const read = parseGuestConfig(
          formatGuestConfig({ ...rest, current: { ...current, description } }),
        );
        assert.deepEqual(
          [read.current.lxc.length, read.snapshots.size, read.current.keys.size],
          [0, 0, 0],
        );
      }),
    );
    const { current, ...rest } = emptyGuestConfig();
    const evil = new Map([["hostname", "a\nlxc.cap.drop: "]]);
    assert.throws(
      () => formatGuestConfig({ ...rest, current: { ...current, keys: evil } }),
      /invalid newline/,
    );
    assert.throws(
      () =>
        formatGuestConfig({
          ...rest,
          current: { ...current, lxc: [["lxc.net.1.link", "a\nmemory: 9"]] },
        }),
      /invalid newline/,
    );
  });
});
