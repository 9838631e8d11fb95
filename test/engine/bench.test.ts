/** The benchmarks' own measure: whether it sees what it is for. */
import assert from "node:assert/strict";

import { ratio } from "../bench/support/figures";
import { measure } from "../bench/support/hyperfine";
import { memorySite, type MemorySite } from "../bench/support/memory-site";

describe("the measure of a benchmark", () => {
  let site: MemorySite;

  before(async () => {
    site = await memorySite(1);
  });
  after(() => site.remove());

  it("sees a program that was made slower, in every round", async () => {
    const { copy } = site;
    const wait =
      "if (process.env.SLOW) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);\n";
    copy.write("start.cjs", copy.read("start.cjs") + wait);
    const words = ["toolchain/pulumi", "preview", "--stack", "dev"];
    const times = await measure(
      [
        { name: "as it is", folder: copy.folder, words },
        { name: "slowed", folder: copy.folder, words: ["env", "SLOW=1", ...words] },
      ],
      2,
      { env: copy.env },
    );
    const slowed = ratio(times.get("slowed")?.wall ?? [], times.get("as it is")?.wall ?? []);
    assert.ok(slowed.min > 1.2, JSON.stringify([...times]));
  });

  it("fails with the command's own words when one fails", async () => {
    const fails = {
      name: "fails",
      folder: site.copy.folder,
      words: ["toolchain/pulumi", "nonsense"],
    };
    await assert.rejects(measure([fails], 1, { env: site.copy.env }), /hyperfine ended with 1/);
  });
});
