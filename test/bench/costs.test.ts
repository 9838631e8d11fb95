import assert from "node:assert/strict";

import { costsOf, largest } from "./converging/costs";

const APPLIANCE = "proximity-lan:components:Appliance$";
const APP = "proximity-lan:components:AppContainer$";
const CONTAINER = "proxmoxve:index/containerLegacy:ContainerLegacy";
const COMMAND = "command:remote:Command";

/** Of each resource, when it began and ended. */
const RUN: readonly (readonly [urn: string, from: number, to: number])[] = [
  [`proximity-lan:components:Bridge$${COMMAND}::proximity-lan-isolation`, 3, 4],
  [`${APPLIANCE}${CONTAINER}::prox-appliance`, 4, 9],
  [`${APPLIANCE}${COMMAND}::prox-appliance-packages`, 9, 29],
  [`${APPLIANCE}${COMMAND}::prox-appliance-secrets`, 29, 30],
  [`${APPLIANCE}${COMMAND}::prox-appliance-services`, 30, 33],
  [`${APP}${CONTAINER}::notes`, 33, 39],
  [`${APP}${CONTAINER}::board`, 34, 40],
  [`${APP}${COMMAND}::notes-setup`, 40, 49],
  [`${APP}${COMMAND}::board-setup`, 41, 50],
];

function events(run: typeof RUN): string {
  const event = (timestamp: number, kind: string, urn: string) => ({
    timestamp,
    [kind]: { metadata: { op: "create", urn: `urn:pulumi:dev::proximity-lan::${urn}` } },
  });
  const all = run.flatMap(([urn, from, to]) => [
    event(from, "resourcePreEvent", urn),
    event(to, "resOutputsEvent", urn),
  ]);
  return [{ timestamp: 0 }, ...all, { timestamp: 51, summaryEvent: {} }]
    .sort((a, b) => a.timestamp - b.timestamp)
    .map((line) => JSON.stringify(line))
    .join("\n");
}

describe("the costs of a fresh up", () => {
  it("are those of its parts, of which what runs side by side counts once, and the rest", () => {
    const seconds = costsOf(events(RUN)).map((cost) => cost.seconds);
    assert.deepEqual(seconds, [1, 5, 20, 4, 7, 10, 4]);
  });

  it("are not reported when a part was not seen", () => {
    assert.throws(() => costsOf(events(RUN.slice(0, -2))), /No event mentions the apps' packages/);
  });

  it("are reported for the three largest parts, as the median of all rounds, with what would remove them", () => {
    const slow = RUN.map(([urn, from, to]): (typeof RUN)[number] => [urn, from * 2, to * 2]);
    const told = largest([RUN, slow, RUN].map((run) => costsOf(events(run))));
    assert.equal(told.length, 3);
    assert.match(
      told[0] ?? "",
      /^Of a fresh `up`, 39 % \(20 s\) is the appliance's packages\. What/,
    );
    assert.match(told[1] ?? "", /20 % \(10 s\) is the apps' packages/);
    assert.match(told[2] ?? "", /14 % \(7 s\) is the apps' containers/);
  });
});
