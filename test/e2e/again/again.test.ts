import assert from "node:assert/strict";

import { checkout, get, outputs } from "../support/world";

describe("a lab that was ended", () => {
  it("has its site again by the command that made it, at the same addresses", () => {
    checkout().must("make", ["up"]);
    const { apps } = outputs();
    checkout().must("make", ["down"]);
    const said = checkout().must("make", ["up"]);
    assert.match(said, /http:\S+\/nginx-01\//);
    assert.deepEqual(outputs().apps, apps);
    for (const { url } of Object.values(apps)) assert.equal(get("lan-client", url).status, "200");
    checkout().mustPulumi("preview", "--refresh", "--expect-no-changes");
  });
});
