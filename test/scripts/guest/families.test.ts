import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { families, type Family } from "../../../model/family";

const folder = join(__dirname, "..", "..", "..", "scripts", "guest", "family");

describe("the families", () => {
  it("each have a file of guest functions", () => {
    assert.deepEqual(readdirSync(folder).sort(), families.map((name) => `${name}.sh`).sort());
  });

  it("define the same names, or a script would meet a gap in one of them", () => {
    const used = (family: Family) => {
      const text = readFileSync(join(folder, `${family}.sh`), "utf8");
      const names = [...text.matchAll(/^([a-z_]+)(?:\(\) \{|=)/gm)].map(([, name]) => name ?? "");
      // Steps of a family's own, called nowhere else.
      const steps = [
        "is_untouched",
        "hurry",
        "hurried",
        "this_start",
        "refuse_lost",
        "wait_for_disk",
      ];
      const own = ["update_lists", "apt_get", "tell", "level_of", ...steps];
      return names.filter((name) => !own.includes(name)).sort();
    };
    assert.ok(used("debian").includes("keep_enabled"));
    assert.deepEqual(used("alpine"), used("debian"));
  });
});
