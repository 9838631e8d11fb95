import assert from "node:assert/strict";

import { formerNames, parseNamed, unnamedRemovals } from "../../model/removal";
import { minimal, site } from "../support/sites";

const whole = site();
const own = [
  { vmid: 100, name: "prox-appliance" },
  { vmid: 101, name: "nginx-01" },
  { vmid: 102, name: "wiki" },
];
const numbers = (removals: readonly { readonly vmid: number }[]) =>
  removals.map(({ vmid }) => vmid);

describe("containers that an update would destroy", () => {
  it("are none while each is declared, whatever its name", () => {
    assert.deepEqual(unnamedRemovals(whole, own), []);
    assert.deepEqual(unnamedRemovals(whole, [{ vmid: 102, name: "docs" }]), []);
  });

  it("are those of entries that are gone, but for the appliance, which keeps no data", () => {
    const empty = site(minimal);
    assert.deepEqual(numbers(unnamedRemovals(empty, own)), [101, 102]);
    const [first] = unnamedRemovals(empty, own);
    assert.match(first?.message ?? "", /Container 101 \(nginx-01\) is not declared any more\./);
    assert.match(first?.message ?? "", /`removed: \{ nginx-01: 101 \}`/);
  });

  it("are those whose entry has another VMID now", () => {
    const [removal, ...rest] = unnamedRemovals(whole, [{ vmid: 112, name: "wiki" }]);
    assert.deepEqual(rest, []);
    assert.match(removal?.message ?? "", /wiki has the VMID 102 now, which gets a new, empty/);
  });

  it("are no longer stopped once they are named, in the declaration or for this run", () => {
    const named = site({ ...minimal, removed: { "nginx-01": 101 } });
    assert.deepEqual(numbers(unnamedRemovals(named, own)), [102]);
    assert.deepEqual(numbers(unnamedRemovals(named, own, parseNamed("wiki=102"))), []);
    assert.deepEqual(numbers(unnamedRemovals(named, own, parseNamed(""))), [102]);
  });

  it("are stopped again when a name stands for another VMID", () => {
    const old = site({ ...minimal, removed: { wiki: 112, "nginx-01": 101 } });
    assert.deepEqual(numbers(unnamedRemovals(old, own)), [102]);
  });
});

describe("the former names of containers", () => {
  it("are the host names of those that are declared under another name", () => {
    const renamed = [...own.slice(0, 2), { vmid: 102, name: "docs" }];
    assert.deepEqual([...formerNames(whole, renamed)], [[102, "docs"]]);
    assert.deepEqual([...formerNames(whole, own)], []);
  });

  it("are none where another entry has that name now, or the VMID is not declared", () => {
    const other = [
      { vmid: 102, name: "nginx-01" },
      { vmid: 150, name: "docs" },
    ];
    assert.deepEqual([...formerNames(whole, other)], []);
  });
});
