import assert from "node:assert/strict";

import { containerProblems, declaredContainers } from "../../model/containers";
import { parseListedGuests } from "../../model/standing";
import { site } from "../support/sites";

const GIB = 2 ** 30;
const mac = "02:25:00:00:00:01";

/** One line of guests.sh. */
const line = (change: Partial<Record<(typeof keys)[number], string | number>> = {}) => {
  const usual = {
    ...{ vmid: 101, node: "pve1", name: "wiki", owner: "own", mark: "wiki", lock: "" },
    ...{ bridges: "proximity-lan", macs: mac, origin: 101, state: "running", pending: "" },
    disk: `${3.9 * GIB} ${GIB}`,
    ...change,
  };
  return `guest\t${keys.map((key) => usual[key]).join("\t")}\n`;
};
const keys = [
  ...(["vmid", "node", "name", "owner", "mark", "lock"] as const),
  ...(["bridges", "macs", "origin", "state", "pending", "disk"] as const),
] as const;

const declared = [{ vmid: 101, name: "wiki", disk: 4 }];
const problems = (...lines: readonly string[]) =>
  containerProblems(declared, parseListedGuests(lines.join("")));

describe("what is wrong with a container", () => {
  it("is nothing when it runs as declared, whatever else is on the cluster", () => {
    const other = { owner: "foreign", mark: "", origin: "", state: "", disk: "" };
    assert.deepEqual(
      problems(
        line(),
        line({ ...other, vmid: 300, name: "", macs: "02:25:00:00:00:09" }),
        line({ ...other, vmid: 301, macs: "", bridges: "vmbr0 proximity-lan" }),
      ),
      [],
    );
  });

  for (const [what, change, message, action, healed] of [
    ["is stopped", { state: "stopped", disk: "" }, /\(wiki\) is not running\./, /make up/, true],
    [
      "is locked by a backup",
      { lock: "backup" },
      /is locked \(backup\), so Proxmox refuses/,
      /pct unlock 101/,
      false,
    ],
    ["is half created", { lock: "create" }, /is locked \(create\)/, /make up.*creates it/, false],
    [
      "waits for a restart",
      { pending: "memory net0" },
      /still runs without its new memory, net0/,
      /make up.*restarts/,
      true,
    ],
    [
      "has a full disk",
      { disk: `${3.9 * GIB} ${3.6 * GIB}` },
      /has used 92 % of its disk/,
      /larger `disk`/,
      false,
    ],
    [
      "has a file system that did not grow",
      { disk: `${2.9 * GIB} ${GIB}` },
      /file system of 2\.9 GiB.*declared with 4 GiB/,
      /resize2fs/,
      false,
    ],
  ] as const)
    it(`is told when it ${what}`, () => {
      const [problem, ...rest] = problems(line(change));
      assert.deepEqual(rest, []);
      assert.match(problem?.message ?? "", message);
      assert.match(problem?.action ?? "", action);
      assert.equal(problem?.healed, healed);
    });

  it("is that it does not exist, also when somebody else has its VMID", () => {
    for (const lines of [[], [line({ owner: "foreign", mark: "", origin: "" })]]) {
      const [problem, ...rest] = problems(...lines);
      assert.deepEqual(rest, []);
      assert.match(problem?.message ?? "", /Container 101 \(wiki\) does not exist\./);
    }
  });

  const copy = { vmid: 150, owner: "foreign", mark: "", state: "", disk: "" };

  it("is a copy with the same MAC, also one whose description says nothing", () => {
    for (const origin of [101, ""]) {
      const [problem, ...rest] = problems(line(), line({ ...copy, origin }));
      assert.deepEqual(rest, []);
      assert.match(
        problem?.message ?? "",
        /has the same MAC \(02:25.*\) as 150 \("wiki"\) on pve1/,
      );
      assert.match(problem?.action ?? "", /pct set 150/);
    }
  });

  it("is a restored backup with another MAC", () => {
    const [problem, ...rest] = problems(line(), line({ ...copy, macs: "02:25:00:00:00:09" }));
    assert.deepEqual(rest, []);
    assert.match(problem?.message ?? "", /has a copy or a restored backup: 150/);
  });

  it("is that only a restored backup is left, with the way back to its VMID", () => {
    const [gone, problem] = problems(line(copy));
    assert.match(gone?.message ?? "", /does not exist/);
    assert.match(problem?.message ?? "", /is gone, and 150 .* is a copy or a restored backup/);
    assert.match(problem?.action ?? "", /pct restore 101/);
  });
});

describe("the containers that are needed", () => {
  it("have the appliance among them only while an app is behind it", () => {
    const whole = site();
    const direct = {
      ...whole,
      apps: whole.apps.map((app) => ({ ...app, network: "direct" as const })),
    };
    assert.equal(declaredContainers(whole).length, whole.apps.length + 1);
    assert.equal(declaredContainers(direct).length, whole.apps.length);
  });
});
