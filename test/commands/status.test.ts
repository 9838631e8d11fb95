import assert from "node:assert/strict";

import { parse } from "yaml";

import { mergeStatus } from "../../commands/status/merge";
import { toText } from "../../commands/status/text";
import { parseView } from "../../commands/status/view";
import { withoutApps } from "../../commands/verify/preview";
import { toTable } from "../../commands/checks";
import { site } from "../support/sites";

const printed = `time 1790000000
bridge UP
bridge-member veth100i1
firewall 1
guest 100 running ours prox-appliance vmbr0 proximity-lan
guest 150 stopped foreign mail vmbr0
`;

/** The declared containers, as guests.sh lists them. */
const listed = [100, 101, 102]
  .map((vmid) => `guest\t${vmid}\tpve1\tname\town\t\t\t\t\t\trunning\t\t\n`)
  .join("");

describe("parseView", () => {
  it("reads what scripts/node/observe.sh prints", () => {
    const view = parseView(printed);
    assert.equal(view.time, 1_790_000_000_000);
    assert.deepEqual(view.bridge, {
      exists: true,
      up: true,
      addresses: [],
      members: ["veth100i1"],
    });
    assert.deepEqual(
      view.guests.map(({ vmid, ours, bridges }) => [vmid, ours, bridges]),
      [
        [100, true, ["vmbr0", "proximity-lan"]],
        [150, false, ["vmbr0"]],
      ],
    );
    assert.deepEqual([view.firewall, view.pendingNetwork, view.status], [true, false, undefined]);
  });
  it("takes no half-written status for one", () => {
    assert.equal(parseView(`${printed}status\n{"appliance":`).status, undefined);
  });
});

describe("mergeStatus", () => {
  const subjects = (text: string, guests = listed) =>
    mergeStatus(site(), parseView(text, guests)).problems.map(({ message }) => message);

  it("names what the node sees and the appliance cannot", () => {
    assert.deepEqual(subjects(printed), [
      "The probe in the appliance has written nothing that can be read.",
    ]);
    assert.deepEqual(
      subjects(printed.replace("bridge UP", "bridge missing"))[0],
      "There is no bridge proximity-lan on the node.",
    );
    assert.deepEqual(
      subjects(printed.replace("bridge UP", "bridge DOWN"))[0],
      "The bridge proximity-lan is down.",
    );
    assert.match(subjects(`${printed}bridge-address 10.20.0.9/24\n`)[0] ?? "", /10\.20\.0\.9\/24/);
    assert.deepEqual(subjects(printed.replace("100 running", "100 stopped")), [
      "The appliance is stopped.",
    ]);
    assert.deepEqual(subjects(printed.replace(/^guest 100.*\n/m, "")), [
      "There is no container 100.",
    ]);
  });
  it("names an app whose container is gone, stopped or nearly full", () => {
    const change = (from: RegExp, to: string) =>
      subjects(printed, listed.replace(from, to)).slice(1);
    assert.deepEqual(change(/guest\t101.*\n/, ""), ["Container 101 (nginx-01) does not exist."]);
    assert.deepEqual(change(/(guest\t101.*)running/, "$1stopped"), [
      "Container 101 (nginx-01) is not running.",
    ]);
    assert.deepEqual(change(/(guest\t101.*\t)\n/, "$199000000000 95000000000\n"), [
      "Container 101 (nginx-01) has used 96 % of its disk.",
    ]);
  });
  it("claims nothing where nobody could look", () => {
    const status = mergeStatus(site(), parseView(printed));
    assert.equal(status.health_status, "unhealthy");
    assert.equal(status.services.dnsmasq.status, "unknown");
    assert.ok(status.applications.every(({ health }) => !health.healthy));
    assert.match(toText(status), /BAD {2}nginx-01 .*nobody could look/);
  });
});

describe("withoutApps", () => {
  it("takes out the apps and what would keep the rest", () => {
    const declared = { network: { keepWhenEmpty: true }, apps: { a: { vmid: 101 } } };
    assert.match(withoutApps("", declared), /keepWhenEmpty: false\n {4}apps: \{\}/);
  });

  it("keeps what else is in the stack's file, secrets and environments as they are", () => {
    const text =
      "encryptionsalt: v1:abc\nenvironment: [lan]\nconfig:\n  proxmoxve:apiToken:\n    secure: v1:def\n";
    const { config, ...others } = parse(withoutApps(text, {})) as Record<string, object>;
    assert.deepEqual(others, { encryptionsalt: "v1:abc", environment: ["lan"] });
    assert.deepEqual(config, {
      "proxmoxve:apiToken": { secure: "v1:def" },
      "proximity-lan:site": {
        ...{ apps: {}, guests: {}, obsoleteNat: [], forwards: {} },
        network: { keepWhenEmpty: false },
      },
    });
  });
});

describe("toTable", () => {
  it("puts what to do under what was seen, and counts", () => {
    const table = toTable([
      { name: "one", verdict: "ok", seen: "fine" },
      { name: "three", verdict: "failed", seen: "gone", action: "bring it back" },
    ]);
    assert.equal(
      table,
      "ok       one    fine\nfailed   three  gone\n                -> bring it back\n1 ok, 0 warning, 1 failed, 0 skipped\n",
    );
  });
});
