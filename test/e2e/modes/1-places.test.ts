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
  on,
  outputs,
  site,
} from "../support/world";

interface Placed {
  readonly mode: string;
  readonly reason?: string;
  readonly url: string;
  readonly address: string;
}

/** An app that the declaration makes, and one that somebody made by hand, as `mail`. */
const [page, mail] = [101, 150];

const app = (name = "page") => outputs().apps[name] as unknown as Placed;
const config = (vmid: number) => mustOn("pve1", `pct config ${vmid}`);
const kept = (vmid = page) => mustInside(vmid, "cat /root/kept");
const lab = (...words: readonly string[]) => checkout().must("lab/lab", words);
const place = (name: string, network: string) => {
  checkout().edit(({ config: all }) => {
    Object.assign(all["proximity-lan:site"].apps[name] ?? assert.fail(name), { network });
  });
};
const up = () => checkout().mustPulumi("up", "--yes", "--skip-preview");
const isClean = () => checkout().mustPulumi("preview", "--refresh", "--expect-no-changes");

describe("an appliance that cannot be set up, in a site that falls back", () => {
  before(() => {
    checkout().must("toolchain/pulumi", ["stack", "init", "dev", "--non-interactive"]);
    site((whole) => {
      whole["apps"] = { page: { vmid: page } };
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
    assert.doesNotMatch(shown, /undefined value|there is no bridge/i);
    const { mode, reason } = outputs() as unknown as Placed;
    assert.equal(mode, "direct");
    assert.match(reason ?? "", /apt-get update failed/, shown);
    assert.equal(outputs().statusUrl, null);
    assert.equal(app().mode, "direct");
    assert.match(config(page), /^net0: .*bridge=vmbr0,.*firewall=1/m);
    assert.match(config(page), /^tags: fallback;proximity-lan-dev$/m);
    assert.match(app().address, /^192\.168\.1\./);
    assert.match(config(100), /^tags: .*attempt-2/m);
    mustInside(page, "echo of the first day >/root/kept");
  });
});

describe("a container that somebody made by hand", () => {
  before(() => {
    lab("fault", "clear");
    const file = checkout().read("Pulumi.dev.yaml");
    const template = /template: (\S+)/.exec(file)?.[1] ?? assert.fail(file);
    mustOn(
      "pve1",
      `pct create ${mail} ${template} --hostname mail --unprivileged 1 --features nesting=1 --memory 256 --cores 1 --swap 0 --storage local-lvm --onboot 1 --net0 name=eth0,bridge=vmbr0,ip=dhcp,firewall=1
      pct start ${mail}`,
    );
    mustInside(mail, "echo letters >/root/kept");
    checkout().write("Pulumi.dev.yaml", `# A comment of mine.\n${file}`);
  });

  it("comes under the declaration by one command, as it is, and the file's comments stay", () => {
    const started = bootOf(mail);
    const declined = checkout().run("make", ["adopt", `VMID=${mail}`, "NAME=post"]);
    assert.notEqual(declined.code, 0);
    assert.match(declined.stderr, /WITH ITS DISK.*nothing was changed/s);
    checkout().must("make", ["adopt", `VMID=${mail}`, "NAME=post", "YES=1"]);
    const file = checkout().read("Pulumi.dev.yaml");
    assert.match(file, /^# A comment of mine\.$/m);
    assert.match(file, / post:\n +vmid: 150\n +network: direct\n/);
    checkout().must("make", ["preview"]);
    const preview = checkout().read("preview.md");
    // Pulumi's state gets what an import leaves open; the container itself stays as it is.
    assert.match(preview, /App `post` changes: .*\bvmId none → 150/);
    assert.match(preview, /`post-setup` of `post` is run for the first time/);
    assert.doesNotMatch(preview, /`post` reboots|is made anew/);
    assert.equal(bootOf(mail), started);
  });
});

describe("a private network whose appliance is repaired", () => {
  it("is set up by the next update, while the apps stay where and as they are", () => {
    const started = [page, mail].map(bootOf);
    assert.match(up(), /On vmbr0 without isolation.*page.*onApplianceRepair: return/);
    assert.equal(outputs().mode, "platinum");
    assert.equal(app().mode, "direct");
    assert.match(app("post").address, /^192\.168\.1\./);
    assert.deepEqual([page, mail].map(bootOf), started);
    assert.match(isClean(), /On vmbr0 without isolation/);
  });

  it("gets the app when that is asked for, and the adopted one by one word, with their data", () => {
    site((whole) => {
      whole["onApplianceRepair"] = "return";
    });
    place("post", "platinum");
    const { stdout } = checkout().pulumi("preview");
    assert.match(stdout, /page moves from vmbr0 to proximity-lan: it restarts/);
    assert.match(stdout, /post moves from vmbr0 to proximity-lan: it restarts/);
    assert.doesNotMatch(stdout, /ContainerLegacy +(page|post) +replace/);
    up();
    for (const [name, vmid] of [
      ["page", page],
      ["post", mail],
    ] as const) {
      assert.equal(app(name).mode, "platinum");
      assert.match(app(name).address, /^10\.20\.0\./);
      assert.match(config(vmid), /^net0: .*bridge=proximity-lan/m);
      assert.equal(get("lan-client", app(name).url).status, "502", "the path; nothing listens");
    }
    assert.equal(kept(), "of the first day");
    assert.equal(kept(mail), "letters");
  });
});

describe("the last app of the private network", () => {
  it("does not take bridge and appliance along while a guest of somebody else is there", () => {
    place("page", "direct");
    place("post", "direct");
    const { stdout } = checkout().pulumi("preview");
    assert.match(stdout, /page moves from proximity-lan to vmbr0/);
    assert.match(stdout, /No app is left .*bridge proximity-lan and the appliance .* are removed/);
    const foreign = "/etc/pve/nodes/pve1/lxc/199.conf";
    const nic = "net0: name=eth0,bridge=proximity-lan,ip=dhcp";
    mustOn("pve1", `printf 'arch: amd64\\nhostname: old\\n${nic}\\nostype: debian\\n' >${foreign}`);
    const { code, stdout: said } = checkout().pulumi("up", "--yes", "--skip-preview");
    mustOn("pve1", `rm ${foreign}`);
    assert.notEqual(code, 0);
    assert.match(said, /bridge proximity-lan is still used by VMID 199/);
    assert.equal(on("pve1", "pct status 100").stdout.trim(), "status: running");
    assert.equal(on("pve1", "test -d /sys/class/net/proximity-lan").code, 0);
  });

  it("moves to the LAN by one word, with its data, and takes bridge and appliance along", () => {
    up();
    assert.equal(outputs().mode, "direct");
    for (const name of ["page", "post"]) assert.match(app(name).address, /^192\.168\.1\./);
    assert.equal(kept(), "of the first day");
    assert.equal(kept(mail), "letters");
    assert.equal(guests(), `${page} ${mail}`);
    assert.equal(mustOn("pve1", "test -e /sys/class/net/proximity-lan || echo gone"), "gone");
    isClean();
  });

  it("brings both back when it returns, still with its data", () => {
    place("page", "platinum");
    up();
    assert.equal(outputs().mode, "platinum");
    assert.equal(app().mode, "platinum");
    assert.equal(kept(), "of the first day");
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
