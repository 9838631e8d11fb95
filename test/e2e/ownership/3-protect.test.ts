import assert from "node:assert/strict";

import { checkout, initialState, mustOn, nodeState, site } from "../support/world";

describe("an app with protect: true", () => {
  const declare = (protect: boolean | undefined, removed: Record<string, number> = {}) => {
    site((whole) => {
      whole["apps"] =
        protect === undefined ? {} : { vault: { vmid: 104, network: "direct", protect } };
      whole["removed"] = removed;
    });
  };
  const isThere = () => {
    assert.equal(mustOn("pve1", "pct status 104"), "status: running");
  };

  it("is neither destroyed with its stack, by either command, nor when its entry goes, though named", () => {
    declare(true);
    checkout().must("make", ["up"]);
    const byMake = checkout().run("make", ["destroy"]);
    assert.notEqual(byMake.code, 0);
    assert.match(
      byMake.stderr,
      /vault \(104\) is declared with protect: true.*nothing was changed/,
    );
    const plain = checkout().pulumi("destroy", "--yes");
    assert.notEqual(plain.code, 0);
    isThere();
    declare(undefined, { vault: 104 });
    assert.notEqual(checkout().run("make", ["up"]).code, 0);
    isThere();
  });

  it("goes once it is declared otherwise", () => {
    declare(false);
    checkout().must("make", ["up"]);
    isThere();
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
