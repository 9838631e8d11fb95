import assert from "node:assert/strict";

import { checkout, get, mustInside, mustOn, outputs } from "../support/world";
import { first, second, type Change } from "./changes";

interface Digest {
  readonly steps: readonly { readonly op: string; readonly urn: string }[];
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
}

/** A preview: what would change, as `op name`, and what it says. */
function preview(...flags: readonly string[]) {
  const { code, stdout, stderr } = checkout().pulumi("preview", "--json", ...flags);
  assert.equal(code, 0, stdout + stderr);
  const { steps, diagnostics = [] } = JSON.parse(stdout) as Digest;
  return {
    changes: steps
      .filter(({ op }) => op !== "same" && op !== "read" && op !== "refresh")
      .map(({ op, urn }) => `${op} ${urn.split("::").at(-1) ?? urn}`)
      .sort(),
    words: diagnostics.map(({ message }) => message).join("\n"),
  };
}

function isClean(...flags: readonly string[]): void {
  const { changes, words } = preview(...flags);
  assert.deepEqual(changes, []);
  assert.doesNotMatch(words, /by hand/);
}

function repair(): string {
  const { code, stdout, stderr } = checkout().pulumi("up", "--yes", "--skip-preview");
  assert.equal(code, 0, stdout + stderr);
  return stdout + stderr;
}

const run = (where: Change["where"], script: string) =>
  where === "pve1" ? mustOn(where, script) : mustInside(where, script);

function answers(): void {
  const { appliance, apps } = outputs();
  for (const name of Object.keys(apps))
    assert.equal(get("lan-client", `http://${appliance.wanAddress}:8080/${name}/`).status, "200");
}

describe("what nobody changed", () => {
  before(() => {
    checkout().must("make", ["up"]);
  });

  it("is shown as the same, ten times, with and without a refresh", () => {
    for (let i = 0; i < 5; i++) {
      isClean();
      isClean("--refresh");
    }
  });

  it("is the same after a restart of the guests, renewed leases and an upgrade of packages", () => {
    mustOn("pve1", "for vmid in 100 101 102; do pct reboot $vmid & done; wait");
    isClean();
    mustInside(102, "dhclient -r eth0; dhclient eth0");
    // dpkg takes the same way for a package of the same version: it looks at each conffile again.
    mustInside(
      100,
      "DEBIAN_FRONTEND=noninteractive apt-get -qq -y --reinstall -o Dpkg::Options::=--force-confold install dnsmasq nftables caddy",
    );
    isClean("--refresh");
    answers();
  });
});

for (const [round, list] of [
  ["what was changed by hand", first],
  ["what was changed by hand again", second],
] as const)
  describe(round, () => {
    let plain: ReturnType<typeof preview>;
    let refreshed: ReturnType<typeof preview>;

    before(() => {
      for (const { where, what } of list) run(where, what);
      plain = preview();
      refreshed = preview("--refresh");
    });

    for (const { where, what, shown } of list)
      it(`is shown: on ${where}, ${what.slice(0, 60)}`, () => {
        assert.match(plain.words, shown);
        assert.match(refreshed.words, shown);
      });

    it("orders the scripts that put it right, and no other", () => {
      const expected = [
        ...(round === "what was changed by hand"
          ? ["update notes-setup", "update prox-appliance-packages"]
          : []),
        "update guest-scripts",
        "update nginx-01-setup",
        "update prox-appliance-services",
        "update proximity-lan-isolation",
      ].sort();
      assert.deepEqual(plain.changes, expected);
      assert.deepEqual(refreshed.changes, expected);
    });

    it("is put right by one update, and the next preview is clean", () => {
      repair();
      for (const { where, healed } of list) run(where, healed);
      isClean("--refresh");
      isClean();
      answers();
    });
  });

describe("one app changed by hand", () => {
  it("is one script to run", () => {
    mustInside(102, "echo more >>/srv/notes/index.html");
    assert.deepEqual(preview().changes, ["update notes-setup"]);
    // What the workflow in examples/workflows runs, where only the exit code and the words count.
    const watch = () => checkout().pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
    // With --diff the engine says warnings on stderr.
    const { code, stderr } = watch();
    assert.notEqual(code, 0);
    assert.match(stderr, /index.html has another content\n.*@@(.*\n)+.*\+more/);
    repair();
    assert.equal(watch().code, 0);
    isClean();
  });

  it("is not mixed up with a changed declaration", () => {
    const good = checkout().read("Pulumi.dev.yaml");
    checkout().write("Pulumi.dev.yaml", good.replace("<title>Notes", "<title>My notes"));
    const { changes: planned, words } = preview();
    assert.deepEqual(planned, ["update notes-setup"]);
    assert.doesNotMatch(words, /by hand/);
    checkout().write("Pulumi.dev.yaml", good);
  });

  it("never shows a file that others may not read", () => {
    mustInside(102, "chmod 600 /var/lib/proximity/placed/app.sh/files/srv/notes/index.html");
    mustInside(102, "chmod 600 /srv/notes/index.html && echo TELL-NOBODY >>/srv/notes/index.html");
    const { words } = preview();
    assert.match(words, /index.html has another content\n.*others may not read this file/);
    assert.doesNotMatch(words, /TELL-NOBODY/);
    repair();
    isClean();
  });
});

describe("an address that was added to the bridge by hand", () => {
  it("is named by the update that removes it, and by no other", () => {
    const notice =
      /bridge\.sh: removed from proximity-lan the addresses added by hand: 10\.20\.0\.9\/24/;
    mustOn("pve1", "ip address add 10.20.0.9/24 dev proximity-lan");
    assert.match(repair(), notice);
    assert.doesNotMatch(repair(), notice);
  });
});

describe("a guest that is off", () => {
  it("is shown, and started by a plain update", () => {
    mustOn("pve1", "pct stop 102");
    const { changes, words } = preview();
    assert.match(words, /Container 102: it is not running/);
    assert.deepEqual(changes, ["update notes-setup"]);
    repair();
    isClean();
  });
});

describe("a container that was changed with `pct set` and not restarted", () => {
  it("is shown, and restarted by an update", () => {
    const conf = "/etc/pve/lxc/102.conf";
    // As an update leaves it that is killed between its change and the restart.
    mustOn(
      "pve1",
      `sed -i 's/^memory: .*/memory: 256/' ${conf}; printf '\\n[pve:pending]\\nmemory: 512\\n' >>${conf}`,
    );
    const { changes, words } = preview("--refresh");
    assert.match(words, /Container 102: it runs without its new memory until it restarts/);
    assert.deepEqual(changes, ["update notes-setup"]);
    repair();
    assert.match(mustOn("pve1", `cat ${conf}`), /^memory: 512$(?![^]*pve:pending)/m);
    isClean();
  });
});

describe("a node that cannot be reached by SSH", () => {
  it("is told of, or nothing when the look was taken out", () => {
    const good = checkout().read("Pulumi.dev.yaml");
    mustInside(101, "systemctl stop nginx");
    checkout().edit(({ config }) => {
      config["proximity-lan:watch"] = "false";
    });
    const off = preview();
    assert.deepEqual(off.changes, []);
    assert.match(off.words, /Nobody looked/);
    checkout().write("Pulumi.dev.yaml", good);
    const port = /port: (\d+)/.exec(good)?.[1] ?? assert.fail();
    checkout().write("Pulumi.dev.yaml", good.replace(`port: ${port}`, "port: 9"));
    assert.match(preview().words, /is not known\. Unable to reach root@127\.0\.0\.1:9 by SSH/);
    checkout().write("Pulumi.dev.yaml", good);
    repair();
    isClean();
  });
});
