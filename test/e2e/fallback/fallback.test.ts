import assert from "node:assert/strict";

import { bootOf } from "../support/changes";
import {
  checkout,
  get,
  guests,
  initialState,
  mustInside,
  mustOn,
  nodeState,
  outputs,
  site,
} from "../support/world";

const appliance = 100;
const page = 101;
const foreign = `/etc/pve/nodes/pve1/lxc/${appliance}.conf`;

const fault = (...words: readonly string[]) => checkout().must("lab/lab", ["fault", ...words]);
const bridge = () => mustOn("pve1", "cd /sys/class/net; ls -d proximity-lan 2>/dev/null || :");
const told = () => outputs() as unknown as { readonly mode: string; readonly reason: string };
const placeOf = (app: string) => (outputs().apps[app] as unknown as { mode: string }).mode;

/** `pulumi up` with these variables, which must end as it is meant to; what it printed. */
function up(ends: "well" | "badly", ...variables: readonly string[]): string {
  const words = [...variables, "toolchain/pulumi", "up", "--yes", "--skip-preview"];
  const flags = ["--stack", "dev", "--non-interactive"];
  const { code, stdout } = checkout().run("env", [...words, ...flags]);
  assert.equal(code === 0, ends === "well", stdout);
  return stdout;
}

const preview = (...flags: readonly string[]) => checkout().mustPulumi("preview", ...flags);

describe("a site that falls back, before its appliance is there", () => {
  before(() => {
    checkout().must("toolchain/pulumi", ["stack", "init", "dev", "--non-interactive"]);
    site((whole) => {
      whole["apps"] = { page: { vmid: page } };
      whole["appliance"] = { console: false };
      whole["onApplianceFailure"] = "fallback";
    });
  });

  it("fails where Proxmox refuses the appliance, and falls back when it is told of that", () => {
    fault("request", "POST /nodes/*/lxc", "status", "400", "no such pool of disks");
    assert.match(up("badly"), /no such pool of disks/);
    fault("clear");
    assert.equal(guests(), "");
    const shown = up("well", "PROXIMITY_APPLIANCE_FAILURE=no such pool of disks.");
    assert.match(shown, /There is no private network: no such pool .* on vmbr0 instead.*: page\./);
    assert.deepEqual([told().mode, told().reason], ["direct", "no such pool of disks."]);
    assert.equal(guests(), String(page));
    assert.equal(bridge(), "", "what was made before the refusal is not left behind");
    mustInside(page, "echo of the first day >/root/kept");
  });

  it("says so at preview where somebody else has the appliance's VMID, and touches nothing", () => {
    mustOn("pve1", `printf 'arch: amd64\\nhostname: old-mail\\nostype: debian\\n' >${foreign}`);
    const started = bootOf(page);
    assert.match(preview(), /There is no private network: appliance\.vmid: 100 is taken/);
    up("well");
    assert.match(told().reason, /100 is taken by "old-mail"/);
    assert.equal(bootOf(page), started);
    assert.match(preview("--expect-no-changes"), /100 is taken/);
    mustOn("pve1", `rm ${foreign}`);
  });

  it("heals with the next update, which leaves the app where it is", () => {
    const started = bootOf(page);
    up("well");
    assert.deepEqual([told().mode, told().reason], ["platinum", null]);
    assert.equal(placeOf("page"), "direct");
    assert.equal(bootOf(page), started);
    preview("--refresh", "--expect-no-changes");
  });
});

describe("a site that falls back, once its apps are behind the appliance", () => {
  const broken = "/etc/dnsmasq.d/mine.conf";

  before(() => {
    site((whole) => (whole["onApplianceRepair"] = "return"));
    up("well");
    assert.equal(placeOf("page"), "platinum");
  });

  it("keeps them there when a change of the appliance fails, and says what failed", () => {
    const started = bootOf(page);
    mustInside(appliance, `echo nonsense >${broken}`);
    // Not among what dnsmasq re-reads: it restarts, and reads that file too.
    site((whole) => (whole["network"] = { dhcp: { leaseHours: 6 } }));
    assert.match(up("well"), /mine\.conf/);
    assert.equal(told().mode, "platinum");
    // Of the first start, before the words of the second with the earlier files.
    assert.match(told().reason, /mine\.conf.*putting back the files.*mine\.conf/);
    assert.equal(placeOf("page"), "platinum");
    assert.equal(bootOf(page), started);
  });

  it("puts a new app on the LAN meanwhile", () => {
    site((whole) => Object.assign(whole["apps"] as object, { late: { vmid: 102 } }));
    assert.match(up("well"), /late is on vmbr0, without isolation and proxy/);
    assert.match(mustOn("pve1", `pct config ${appliance}`), /^tags: .*attempt-3/m);
    assert.equal(placeOf("late"), "direct");
    assert.equal(placeOf("page"), "platinum");
  });

  it("gets it back when that is repaired", () => {
    mustInside(appliance, `rm ${broken}`);
    up("well");
    assert.deepEqual([told().mode, told().reason], ["platinum", null]);
    for (const name of ["page", "late"]) {
      assert.equal(placeOf(name), "platinum");
      assert.equal(get("lan-client", outputs().apps[name]?.url ?? "").status, "502");
    }
    assert.equal(mustInside(page, "cat /root/kept"), "of the first day");
    preview("--refresh", "--expect-no-changes");
  });

  it("refuses to take the private network from them, whatever the last run met", () => {
    const { code, stdout } = checkout().run("env", [
      ...["PROXIMITY_APPLIANCE_FAILURE=no space.", "toolchain/pulumi", "preview"],
      ...["--stack", "dev", "--non-interactive"],
    ]);
    assert.notEqual(code, 0);
    assert.match(stdout, /these apps are on the private network already: late, page/);
  });
});

describe("a network that is to stay without apps", () => {
  it("keeps its bridge and appliance when the last app goes", () => {
    site((whole) => {
      whole["network"] = { keepWhenEmpty: true };
      whole["apps"] = {};
      whole["removed"] = { page, late: 102 };
    });
    up("well");
    assert.equal(guests(), String(appliance));
    assert.equal(bridge(), "proximity-lan");
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
