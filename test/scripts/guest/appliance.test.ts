import assert from "node:assert/strict";

import type { Family } from "../../../model/family";
import { Sandbox, type Userland } from "./sandbox";
import { guests, words } from "./words";

for (const [family, userland] of guests)
  describe(`an appliance of ${family}, by the commands of ${userland}`, () => {
    applianceTests(family, userland);
  }).timeout(60_000);

function applianceTests(family: Family, userland: Userland): void {
  const { tell, hangUp } = words[family];
  const [ruleset, filter] =
    family === "alpine"
      ? ["/etc/nftables.nft", "proximity-filter"]
      : ["/etc/nftables.conf", "nftables"];
  const file = (path: string) => ({ path, mode: "0644", content: "1\n" });
  const lists = ["hosts", "servers", "dhcp-hosts", "dhcp-options"];
  const files = [
    file("/etc/dnsmasq.d/proximity.conf"),
    ...lists.map((list) => file(`/etc/proximity/${list}`)),
    file(ruleset),
    { ...file("/etc/caddy/Caddyfile"), content: caddyfile("1") },
    file("/etc/sysctl.d/60-proximity.conf"),
  ];
  const listening = ["udp 53", "udp 67", "tcp 80", "tcp 8080", "tcp 2019"];
  const args = ["dhcp", "10.30.0.1", "no-console", "80", "8080"];
  const check = {
    dnsmasq: "dnsmasq --test --conf-file=dnsmasq.conf",
    nft: `nft -c -f files${ruleset}`,
    caddy: "caddy validate --adapter caddyfile --config files/etc/caddy/Caddyfile",
  };
  const load = [
    "sysctl -q -p /etc/sysctl.d/60-proximity.conf",
    `proximity-filter start ${ruleset}`,
    "proximity-sets",
  ];
  const look = "nft list set inet proximity router";
  let guest: Sandbox;
  beforeEach(() => {
    guest = new Sandbox(family, userland);
    for (const name of [filter, "dnsmasq", "caddy", "sysctl", "proximity-probe"])
      guest.service(name);
    // As the probe would have left it.
    guest.write("run/proximity/status.json", "{}\n");
  });
  afterEach(() => {
    guest.remove();
  });
  const run = (changes: Readonly<Record<string, string>> = {}) =>
    guest.run("appliance-services.sh", args, {
      files: files.map((one) => ({ ...one, content: changes[one.path] ?? one.content })),
      listening,
    });

  it("set the appliance up, then find nothing to do but to load the rules", () => {
    const first = run();
    assert.equal(first.stderr, "");
    assert.equal(first.stdout, '{"wanAddress":"10.20.0.101","lanAddress":"10.30.0.1"}');
    const all = [...Array<string>(4).fill(check.dnsmasq), check.nft, check.caddy];
    assert.deepEqual(first.calls.slice(0, all.length), all);
    assert.ok(first.calls.includes(tell("restart", "dnsmasq")), first.calls.join("\n"));
    assert.ok(first.calls.includes(tell("start", "caddy")), first.calls.join("\n"));
    const again = run();
    assert.deepEqual([again.stderr, again.calls], ["", [...load, look]]);
  });

  it("start at boot what has to be in force before the network is up, early", () => {
    run();
    const levels = [filter, "sysctl"].map((name) => guest.read(`etc/runlevels/boot/${name}`));
    if (family === "alpine") assert.deepEqual(levels, ["", ""]);
    else assert.equal(guest.read(`enabled/${filter}`), "");
  });

  it("reload, and do not restart, for a changed list or proxy", () => {
    run();
    const { calls } = run({
      "/etc/proximity/hosts": "2\n",
      "/etc/caddy/Caddyfile": caddyfile("2"),
    });
    const done = [hangUp("dnsmasq"), tell("reload", "caddy")];
    assert.deepEqual(calls, [check.caddy, ...load, ...done, look]);
  });

  it("restart Caddy when the running one has its admin API elsewhere", () => {
    run();
    const { calls } = run({ "/etc/caddy/Caddyfile": caddyfile("2", "unix//run/admin.sock") });
    assert.ok(calls.includes(tell("restart", "caddy")), calls.join("\n"));
  });

  for (const [path, asked] of [
    ["/etc/dnsmasq.d/proximity.conf", check.dnsmasq],
    ["/etc/proximity/dhcp-hosts", check.dnsmasq],
    ["/etc/proximity/dhcp-options", check.dnsmasq],
    ["/etc/proximity/servers", check.dnsmasq],
    [ruleset, check.nft],
  ] as const)
    it(`ask the daemon about a changed ${path}, and about nothing else`, () => {
      run();
      const { calls } = run({ [path]: "2\n" });
      assert.deepEqual(calls.slice(0, 2), [asked, load[0]]);
    });

  it("start what died", () => {
    run();
    guest.take("running/caddy");
    assert.deepEqual(run().calls.slice(-2), [tell("start", "caddy"), look]);
  });

  it("place nothing that a checker refuses", () => {
    run();
    guest.command("nft", '[ "$1" != -c ] || { echo "no such rule" >&2; exit 1; }');
    const { code, stderr } = run({ [ruleset]: "2\n" });
    assert.equal(code, 1);
    assert.match(stderr, /nft refuses the ruleset: no such rule/);
    assert.equal(guest.read(ruleset), "1\n");
  });

  it("put the old files back when the new ones do not come up", () => {
    run();
    guest.command("rc-service", brokenReload("$2", "$1"));
    guest.command("systemctl", brokenReload("$1", "$2"));
    const { code, stderr } = run({ "/etc/caddy/Caddyfile": caddyfile("2") });
    assert.equal(code, 1);
    assert.match(stderr, /the reload fails/);
    assert.match(stderr, /putting back the files that were there before/);
    assert.equal(guest.read("etc/caddy/Caddyfile"), caddyfile("1"));
  });
}

/** One whose admin API is at `admin`. */
function caddyfile(content: string, admin = "localhost:2019"): string {
  return `{\n\tadmin ${admin}\n}\n# ${content}\n`;
}

/** A service manager whose first reload of caddy fails. */
function brokenReload(verb: string, name: string): string {
  return `if [ "${verb} ${name}" = "reload caddy" ] && [ ! -e /failed ]; then
    : >/failed; echo "the reload fails" >&2; exit 1
  fi`;
}
