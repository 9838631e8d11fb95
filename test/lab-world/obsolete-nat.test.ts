import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { renderBundle } from "../../render/bundle";
import { needRoot, TestLab, type Said } from "./support/labs";

const root = join(__dirname, "../..");
const read = (file: string) => readFileSync(join(root, "scripts/node", file), "utf8");
/** As the program sends it: the script, and the Perl program behind it as a bundle. */
const script = [
  ...["lib.sh", "obsolete-nat.sh"].map(read),
  renderBundle(
    readdirSync(join(root, "scripts/node/obsolete-nat")).map((file) => ({
      path: `obsolete-nat/${file}`,
      mode: "0644",
      content: read(`obsolete-nat/${file}`),
    })),
  ),
].join("");
const rules = readFileSync(join(root, "test/nat/rules.v4"), "utf8");

/** What is obsolete: all that leads to the gateway's inner address, and two rules by themselves. */
const entries = [
  "10.0.0.153",
  "-A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE",
  // As a person types it, not as iptables prints it.
  "-t filter -I FORWARD 1 -p tcp -i vmbr0 -d 10.0.0.153 --dport 443 -j ACCEPT",
];

/** The lines of test/nat/rules.v4 that those entries mean. */
const gone = [
  "-A PREROUTING -i vmbr0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.153:80",
  "-A PREROUTING -i vmbr0 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.153:443",
  String.raw`-A PREROUTING -i vmbr0 -p tcp -m tcp --dport 443 -m comment --comment "gateway, old \"443\"" -j DNAT --to-destination 10.0.0.153:443`,
  "-A PUBLISHED -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.153",
  "-A OUTPUT -d 192.168.1.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.153:443",
  "-A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE",
  "-A POSTROUTING -s 10.0.0.0/24 -d 10.0.0.153/32 -p tcp -m tcp --dport 443 -j MASQUERADE",
  "-A POSTROUTING -s 10.0.0.153/32 -o vmbr0 -j SNAT --to-source 192.168.1.10",
  "-A FORWARD -d 10.0.0.153/32 -i vmbr0 -p tcp -m tcp --dport 443 -j ACCEPT",
];

const without = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !gone.includes(line))
    .join("\n");

const interfaces = `
auto vmbr7
iface vmbr7 inet manual
	bridge-ports none
	post-up echo 1 > /proc/sys/net/ipv4/ip_forward
	post-up   iptables -t nat -A POSTROUTING -s '10.0.0.0/24' -o vmbr0 -j MASQUERADE
	post-down iptables -t nat -D POSTROUTING -s '10.0.0.0/24' -o vmbr0 -j MASQUERADE
	post-up /sbin/iptables -t nat -A PREROUTING -i vmbr0 -p tcp --dport 443 -j DNAT --to 10.0.0.153:443 || true
	post-up iptables -t nat -A PREROUTING -i vmbr0 -p tcp --dport 2222 -j DNAT --to 10.0.0.15:22
	post-up iptables -A FORWARD -d 10.0.0.15 -j ACCEPT; iptables -t nat -A PREROUTING -p tcp --dport 81 -j DNAT --to 10.0.0.153
`;

/** A command for two guests, which needs a person. */
const left =
  "left: /etc/network/interfaces.d/vmbr7: post-up iptables -A FORWARD -d 10.0.0.15 -j ACCEPT; iptables -t nat -A PREROUTING -p tcp --dport 81 -j DNAT --to 10.0.0.153 (the command does other things as well)";

const nft = `#!/usr/sbin/nft -f
table inet own {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		iifname "vmbr0" tcp dport 443 dnat ip to 10.0.0.153:443
		iifname "vmbr0" tcp dport 22 dnat ip to 10.0.0.15:22
		# tcp dport 80 dnat ip to 10.0.0.153:80
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 10.0.0.153 oifname "vmbr0" masquerade
		ip saddr 10.0.0.0/24 oifname "vmbr0" masquerade
	}
}
`;

describe("the clean-up of old address translation on a node", function () {
  this.timeout(300_000);
  const lab = new TestLab(`${process.env["LAB_NAME"] ?? "spec"}-nat`, 22400);
  const run = (...words: readonly string[]): Said =>
    lab.run("exec", ["pve1", "bash", "-s", "--", ...words], script);
  const write = (path: string, text: string) =>
    lab.must("exec", ["pve1", "sh", "-c", 'mkdir -p "${0%/*}" && cat >"$0"', path], text);
  const readOn = (path: string) => lab.must("exec", ["pve1", "cat", path]);
  /** Rules of both kinds of iptables and of nftables, without counters and dates. */
  const running = () =>
    lab.mustOn(
      "pve1",
      "for kind in legacy nft; do echo $kind; iptables-$kind-save 2>/dev/null | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'; done; nft list table inet own",
    );
  let kinds: readonly string[] = [];

  before(function () {
    needRoot(this);
    lab.up();
    // A kernel without the old tables has one kind of iptables.
    kinds = ["legacy", "nft"].filter(
      (kind) => lab.run("exec", ["pve1", `iptables-${kind}-restore`], rules).code === 0,
    );
    assert.ok(kinds.length > 0);
    write("/etc/iptables/rules.v4", rules);
    write("/etc/network/interfaces.d/vmbr7", interfaces);
    write("/etc/nftables.conf", nft);
    lab.mustOn("pve1", "nft -f /etc/nftables.conf");
  });
  after(() => {
    lab.end();
  });

  it("has 30 rules of all tables to choose from", () => {
    assert.equal(rules.match(/^-A/gm)?.length, 30);
  });

  it("lists what is there and changes nothing", () => {
    const before = [running(), readOn("/etc/iptables/rules.v4"), readOn("/etc/nftables.conf")];
    const { code, stdout, stderr } = run("list", ...entries);
    assert.equal(code, 0, stderr);
    const lines = stdout.trim().split("\n");
    for (const rule of gone) {
      for (const kind of kinds)
        assert.equal(
          lines.filter((line) => line.startsWith(`iptables-${kind}: `) && line.endsWith(` ${rule}`))
            .length,
          1,
          rule,
        );
      assert.ok(lines.includes(`/etc/iptables/rules.v4: ${rule}`), rule);
    }
    assert.equal(
      lines.filter((line) => line.startsWith("/etc/network/interfaces.d/vmbr7: ")).length,
      3,
    );
    assert.equal(lines.filter((line) => line.startsWith("nftables: inet own ")).length, 2);
    assert.equal(lines.filter((line) => line.startsWith("/etc/nftables.conf: ")).length, 2);
    assert.deepEqual(
      lines.filter((line) => line.startsWith("left: ")),
      [left],
    );
    assert.equal(lines.length, gone.length * (kinds.length + 1) + 8, stdout);
    assert.deepEqual(
      [running(), readOn("/etc/iptables/rules.v4"), readOn("/etc/nftables.conf")],
      before,
    );
  });

  it("takes away those and no other, from memory and from the files", () => {
    const before = running();
    const { code, stderr } = run("remove", ...entries);
    assert.equal(code, 0, stderr);
    const expected = without(before)
      .split("\n")
      .filter((line) => !/dnat ip to 10\.0\.0\.153|ip saddr 10\.0\.0\.153 /.test(line))
      .join("\n");
    assert.equal(running(), expected);
    assert.equal(readOn("/etc/iptables/rules.v4"), without(rules));
    assert.equal(
      readOn("/etc/network/interfaces.d/vmbr7"),
      interfaces
        .split("\n")
        .filter((line) => !/'10\.0\.0\.0\/24'|153:443/.test(line))
        .join("\n"),
    );
    assert.equal(
      readOn("/etc/nftables.conf"),
      nft
        .split("\n")
        .filter((line) => !/^\t\t(iifname.*|ip saddr )(dnat ip to )?10\.0\.0\.153/.test(line))
        .join("\n"),
    );
  });

  it("changes nothing the second time, and reports only what it leaves", () => {
    const before = running();
    assert.deepEqual(run("remove", ...entries), { code: 0, stdout: `${left}\n`, stderr: "" });
    assert.equal(running(), before);
  });

  it("refuses a rule that iptables does not understand, and touches nothing", () => {
    const before = running();
    const { code, stderr } = run("remove", "10.0.0.15", "-A POSTROUTING -j NONSENSE --at-all");
    assert.notEqual(code, 0);
    assert.match(stderr, /does not understand the rule: -A POSTROUTING -j NONSENSE/);
    assert.equal(running(), before);
  });
});
