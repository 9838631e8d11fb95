import assert from "node:assert/strict";

import { onAppliance, phasesOf } from "./changing/costs";
import type { Change } from "./changing/bench";
import { creationsIn, parseRequests } from "./support/api-log";
import { growth } from "./support/growth";

const minute = Date.parse("2026-11-24T16:27:00Z");

const log = `2026-11-24T16:26:59.000Z GET /api2/json/nodes/pve1/tasks/UPID:x:vzcreate:201:u:/status -> 200 in 1 ms
2026-11-24T16:27:00.500Z GET /api2/json/nodes -> 200 in 1 ms
2026-11-24T16:27:01.000Z GET /api2/json/nodes/pve1/tasks/UPID:x:vzcreate:202:u:/status -> 200 in 1 ms
2026-11-24T16:27:02.000Z GET /api2/json/nodes/pve1/tasks/UPID:x:vzcreate:202:u:/status -> 200 in 1 ms
2026-11-24T16:27:02.250Z GET /api2/json/nodes/pve1/lxc/202/interfaces -> 200 in 1 ms
2026-11-24T16:27:05.250Z GET /api2/json/nodes/pve1/lxc/202/interfaces -> 200 in 1 ms
2026-11-24T16:27:06.000Z pct status 202 -> exit 0
`;

describe("what is measured on sites of many apps", () => {
  const requests = parseRequests(log, minute);
  const at = (seconds: number): number => minute / 1000 + seconds;

  it("are the requests of clients since the measurement began, and the containers among them", () => {
    assert.equal(requests.length, 5);
    assert.deepEqual(creationsIn(requests), [
      { vmid: 202, ordered: at(1), started: at(2.25), addressed: at(5.25) },
    ]);
  });

  it("are phases of an added app that come one after the other and are together the whole", () => {
    const call = (began: number, ended: number, words: string) => ({
      ...{ began: at(began), ended: at(ended), bytes: 10, code: 0 },
      words: `bash -s -- apply ${words}`,
    });
    const change: Change = {
      ...{ began: at(0), wall: 9, requests, creations: creationsIn(requests) },
      calls: [
        { ...call(0.55, 0.58, ""), words: "bash -s -- proximity-lan-dev" },
        call(0.6, 0.9, "100 tag appliance-services.sh dhcp"),
        call(5.5, 8, "202 tag app.sh 10.20.0.1"),
      ],
      ...{ reloads: 2, restarts: 0, asked: 100, lost: 0, reasons: [] },
    };
    const phases = phasesOf(change);
    const { start, ask, look, plan, appliance, between, make, address, dial, setUp, end } = phases;
    const parts = [start, ask, look, plan, appliance, between, make, address, dial, setUp, end];
    assert.deepEqual(
      parts.map((seconds) => seconds.toFixed(2)),
      ["0.50", "0.05", "0.03", "0.02", "0.30", "0.10", "1.25", "3.00", "0.25", "2.50", "1.00"],
    );
    assert.equal(onAppliance(change).toFixed(2), "0.30");
  });

  it("grows no faster than the number of apps, or is reported", () => {
    const straight = growth(
      "x",
      [1, 10, 50].map((n) => [n, 5 + 2 * n]),
      "s",
    );
    assert.equal(straight.met, true);
    assert.match(straight.measured, /^1\.00 \(one app more: 2\.00, then 2\.00 s\)$/);
    const square = growth(
      "x",
      [1, 10, 50].map((n) => [n, n * n]),
      "s",
    );
    assert.equal(square.met, false);
    // What falls and then stays is not taken to fall for ever.
    const flat = growth(
      "x",
      [
        [1, 6],
        [10, 5],
        [50, 5.5],
      ],
      "s",
    );
    assert.equal(flat.met, true);
  });
});
