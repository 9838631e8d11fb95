import assert from "node:assert/strict";

import { processorTimes } from "./support/processes";

describe("the processor time of a command", function () {
  // A command that is kept from the processors takes as long as they are busy.
  this.timeout(60_000);
  const busy = "while (process.cpuUsage().user < 400_000);";

  it("is reported by program, the largest first, with what its children used", async () => {
    const words = ["sh", "-c", 'sleep 0.2; "$0" -e "$1"; true', process.execPath, busy];
    const times = await processorTimes({ name: "", folder: ".", words }, process.env);
    const [first] = times;
    assert.equal(first?.[0], "node");
    assert.ok(first[1] > 300, JSON.stringify(times));
    assert.deepEqual(times.map(([name]) => name).sort(), ["node", "sh", "sleep"]);
  });

  it("is of a command that succeeds", async () => {
    const fails = { name: "", folder: ".", words: ["sh", "-c", "exit 3"] };
    await assert.rejects(processorTimes(fails, process.env), /sh -c exit 3 ended with 3/);
  });
});
