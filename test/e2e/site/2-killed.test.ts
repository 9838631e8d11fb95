import assert from "node:assert/strict";
import { once } from "node:events";

import { checkout, inside, mustOn, on, outputs } from "../support/world";

/** Runs `make up`, kills all of it with SIGKILL as soon as the condition holds. */
async function killWhen(what: string, holds: () => boolean): Promise<void> {
  const up = checkout().start("make", ["up"]);
  assert.ok(up.pid !== undefined);
  let ended = false;
  const end = once(up, "exit").then(() => (ended = true));
  const limit = Date.now() + 300_000;
  while (!holds()) {
    assert.ok(!ended, `make up ended before: ${what}`);
    assert.ok(Date.now() < limit, `waited 300 s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.kill(-up.pid, "SIGKILL");
  await end;
}

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

interface State {
  readonly checkpoint: {
    readonly latest: { readonly resources: readonly Resource[]; pending_operations?: unknown };
  };
}

describe("an update that is killed", () => {
  const running = (vmid: number) => on("pve1", `pct status ${vmid}`).stdout.includes("running");
  const moments: readonly (readonly [string, () => boolean])[] = [
    ["the bridge is up", () => on("pve1", "test -d /sys/class/net/proximity-lan").code === 0],
    [
      "the appliance is being created",
      () => on("pve1", "test -e /etc/pve/lxc/100.conf").code === 0,
    ],
    [
      "packages are being installed",
      () => running(100) && inside(100, "test -e /usr/sbin/policy-rc.d").code === 0,
    ],
    [
      "services are being set up",
      () => running(100) && inside(100, "test -e /etc/proximity/dhcp-hosts").code === 0,
    ],
    ["the apps are being created", () => on("pve1", "test -e /etc/pve/lxc/101.conf").code === 0],
  ];

  for (const [what, holds] of moments)
    it(`while ${what} is brought back by one command`, async () => {
      await killWhen(what, holds);
      checkout().must("make", ["recover"]);
    });

  it("converges with the next update", () => {
    const shown = checkout().must("make", ["up"]);
    assert.match(shown, /Open on this machine:/);
    assert.deepEqual(Object.keys(outputs().apps), ["nginx-01", "notes"]);
    assert.equal(mustOn("pve1", "pct list | awk 'NR > 1 { print $1 }' | xargs"), "100 101 102");
  });

  it("never takes over what this stack did not make", () => {
    const conf = "/etc/pve/nodes/pve1/lxc/150.conf";
    mustOn(
      "pve1",
      `printf 'arch: amd64\\nhostname: old-mail\\nmemory: 64\\nostype: debian\\n' >${conf}`,
    );
    // As a killed update leaves it: `pulumi stack import` would drop what is pending.
    const file = ".state/.pulumi/stacks/proximity-lan/dev.json";
    const state = JSON.parse(checkout().read(file)) as State;
    const { latest } = state.checkpoint;
    const app = latest.resources.find(({ urn }) => /ContainerLegacy::nginx-01$/.test(urn));
    assert.ok(app);
    const { urn, type, custom, inputs } = app;
    const stranger = { urn: urn.replace(/nginx-01$/, "stranger"), type, custom };
    latest.pending_operations = [
      { type: "creating", resource: { ...stranger, inputs: { ...inputs, vmId: 150 } } },
    ];
    checkout().write(file, JSON.stringify(state));
    const { code, stderr } = checkout().run("make", ["recover"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /stranger: VMID 150 exists, but is not this stack's; it is left alone/);
    assert.doesNotMatch(
      checkout().must("toolchain/pulumi", ["stack", "export", "--stack", "dev"]),
      /::stranger"/,
    );
    assert.equal(on("pve1", `test -s ${conf} && rm ${conf}`).code, 0);
  });
});
