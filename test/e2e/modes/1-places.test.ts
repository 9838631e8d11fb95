import assert from "node:assert/strict";

import {
  checkout,
  get,
  initialState,
  mustInside,
  mustOn,
  nodeState,
  outputs,
} from "../support/world";

interface Placed {
  readonly mode: string;
  readonly reason?: string;
  readonly url: string;
  readonly address: string;
}

const app = () => outputs().apps["page"] as unknown as Placed;
const config = (vmid: number) => mustOn("pve1", `pct config ${vmid}`);
const kept = () => mustInside(101, "cat /root/kept");
const lab = (...words: readonly string[]) => checkout().must("lab/lab", words);
const site = (change: (site: Record<string, unknown>) => void) => {
  checkout().edit(({ config: all }) => {
    change(all["proximity-lan:site"]);
  });
};
const up = () => {
  const { code, stdout } = checkout().pulumi("up", "--yes", "--skip-preview");
  assert.equal(code, 0, stdout);
  return stdout;
};

describe("an appliance that cannot be set up, in a site that falls back", () => {
  before(() => {
    checkout().must("toolchain/pulumi", ["stack", "init", "dev", "--non-interactive"]);
    site((whole) => {
      whole["apps"] = { page: { vmid: 101 } };
      whole["appliance"] = { console: false };
      whole["onApplianceFailure"] = "fallback";
    });
    lab("fault", "service", "outside/packages", "down");
  });

  it("leaves the app on the LAN, and says so in words and outputs", () => {
    const shown = up();
    assert.match(shown, /apt-get update failed.*Does the guest reach its package mirror\?/);
    assert.match(
      shown,
      /page is on vmbr0, without isolation and proxy, since the appliance failed/,
    );
    const { mode, reason } = outputs() as unknown as Placed;
    assert.equal(mode, "direct");
    assert.match(reason ?? "", /apt-get update failed/, shown);
    assert.equal(app().mode, "direct");
    assert.match(config(101), /^net0: .*bridge=vmbr0,.*firewall=1/m);
    assert.match(config(101), /^tags: fallback;proximity-lan-dev$/m);
    assert.match(app().address, /^192\.168\.1\./);
    assert.match(config(100), /^tags: .*attempt-2/m);
    mustInside(101, "echo of the first day >/root/kept");
  });

  it("is set up by the next update, while the app stays where it is", () => {
    lab("fault", "clear");
    assert.match(up(), /On vmbr0 without isolation.*page.*onApplianceRepair: return/);
    assert.equal(outputs().mode, "platinum");
    assert.equal(app().mode, "direct");
    const { code, stdout } = checkout().pulumi("preview", "--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /On vmbr0 without isolation/);
  });

  it("gets the app when that is asked for, with its data", () => {
    site((whole) => {
      whole["onApplianceRepair"] = "return";
    });
    const { stdout } = checkout().pulumi("preview");
    assert.match(stdout, /page moves from vmbr0 to proximity-lan: it restarts/);
    assert.doesNotMatch(stdout, /ContainerLegacy +page +replace/);
    up();
    assert.equal(app().mode, "platinum");
    assert.match(app().address, /^10\.20\.0\./);
    assert.match(config(101), /^net0: .*bridge=proximity-lan/m);
    assert.equal(kept(), "of the first day");
    assert.equal(get("lan-client", app().url).status, "502", "the path is there, nothing listens");
  });
});

describe("the last app of the private network", () => {
  it("moves to the LAN by one word, with its data, and takes bridge and appliance along", () => {
    site((whole) => {
      whole["apps"] = { page: { vmid: 101, network: "direct" } };
    });
    const { stdout } = checkout().pulumi("preview");
    assert.match(stdout, /page moves from proximity-lan to vmbr0/);
    assert.match(stdout, /No app is left .*bridge proximity-lan and the appliance .* are removed/);
    up();
    assert.equal(outputs().mode, "direct");
    assert.equal(app().mode, "direct");
    assert.equal(kept(), "of the first day");
    assert.equal(mustOn("pve1", "pct list | awk 'NR > 1 { print $1 }' | xargs"), "101");
    assert.equal(mustOn("pve1", "test -e /sys/class/net/proximity-lan || echo gone"), "gone");
    const { code, stdout: again } = checkout().pulumi(
      "preview",
      "--refresh",
      "--expect-no-changes",
    );
    assert.equal(code, 0, again);
  });

  it("brings both back when it returns, still with its data", () => {
    site((whole) => {
      whole["apps"] = { page: { vmid: 101 } };
    });
    up();
    assert.equal(outputs().mode, "platinum");
    assert.equal(app().mode, "platinum");
    assert.equal(kept(), "of the first day");
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
