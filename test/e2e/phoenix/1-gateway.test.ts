import assert from "node:assert/strict";

import { checkout, get, inside, mustInside, mustOn } from "../support/world";
import {
  behind,
  bootOf,
  client,
  gateway,
  listen,
  nicLines,
  mac,
  openInside,
  openPorts,
  outputs,
  up,
} from "./support";

const ports = [22, 80, 443, 9000];

describe("Phoenix: a gateway with an address of its own on the LAN", () => {
  const name = "shop.thinkheads.ai";
  const byName = (address: string) =>
    get(client, `https://${name}/`, "--resolve", `${name}:443:${address}`);
  const pulumi = (...args: readonly string[]) =>
    checkout().run("toolchain/pulumi", [...args, "--stack", "phoenix", "--non-interactive"]);

  before(() => {
    // The host's old way to the gateway, which the stack makes obsolete, beside rules that stay.
    mustOn(
      "pve1",
      `iptables -t nat -A PREROUTING -i vmbr0 -p tcp --dport 443 -j DNAT --to-destination 10.0.0.153:443
      iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE
      iptables -t nat -A PREROUTING -i vmbr0 -p tcp --dport 2222 -j DNAT --to-destination 10.0.0.15:22`,
    );
    up();
    // Something that must stay closed is open in the guest, or nothing would be proven.
    listen();
  });

  describe("the seed's checklist", () => {
    it("LXC 101 has eth1 with its address and the declared MAC", () => {
      const { publicAddress, publicMac } = outputs().guests["nginx-phoenix"] ?? {};
      assert.deepEqual([publicAddress, publicMac], ["192.168.1.153", mac]);
      assert.match(mustInside(gateway, "ip -4 -o addr show eth1"), /inet 192\.168\.1\.153\/24 /);
      assert.equal(mustInside(gateway, "cat /sys/class/net/eth1/address"), mac);
    });

    it("nginx listens on all interfaces", () => {
      assert.match(mustInside(gateway, "ss -Hltn 'sport = :443'"), /0\.0\.0\.0:443[^]*\[::\]:443/);
      assert.match(
        mustInside(gateway, "cat /etc/nginx/sites-available/gateway"),
        /\n +listen 443 ssl http2;\n +listen \[::\]:443 ssl http2;\n/,
      );
    });

    it("outside traffic reaches it by name and by address, without translation on the node", () => {
      for (const { status, body } of [
        get(client, "https://192.168.1.153/"),
        byName("192.168.1.153"),
      ]) {
        assert.equal(status, "200");
        assert.match(body, /Served by traefik, behind the gateway/);
      }
      // By name: Debian's own page answers on 80 to all other names.
      const plain = get(client, `http://${name}/`, "--resolve", `${name}:80:192.168.1.153`);
      assert.equal(plain.status, "301");
      // The source is the client itself: nobody translated it.
      assert.match(mustInside(gateway, "tail -n 1 /var/log/nginx/access.log"), /^192\.168\.1\.50 /);
      const left = mustOn("pve1", "iptables-save -t nat | grep ^-A");
      assert.match(left, /10\.0\.0\.15:22/);
      assert.doesNotMatch(left, /10\.0\.0\.153|MASQUERADE/);
    });

    it("requests come in on eth1, and what goes to Traefik stays on eth0", () => {
      mustInside(
        gateway,
        `nft -f - <<'NFT'
table inet probe {
  chain seen {
    type filter hook prerouting priority raw; policy accept;
    iifname "eth1" tcp dport 443 counter comment "request-eth1"
    iifname "eth0" tcp dport 443 counter comment "request-eth0"
    iifname "eth1" tcp sport 8000 counter comment "traefik-eth1"
    iifname "eth0" tcp sport 8000 counter comment "traefik-eth0"
  }
}
NFT`,
      );
      assert.equal(get(client, "https://192.168.1.153/").status, "200");
      const seen = mustInside(gateway, "nft list table inet probe; nft delete table inet probe");
      const packets = (what: string) =>
        Number(new RegExp(`packets (\\d+) bytes \\d+ comment "${what}"`).exec(seen)?.[1]);
      assert.ok(packets("request-eth1") > 0 && packets("traefik-eth0") > 0, seen);
      assert.deepEqual([packets("request-eth0"), packets("traefik-eth1")], [0, 0], seen);
    });

    it("has one default route, and answers leave where the request came in", () => {
      assert.equal(
        mustInside(gateway, "ip route show default").trim(),
        "default via 192.168.1.1 dev eth1",
      );
      assert.match(mustInside(gateway, "ip route get 10.0.0.12 from 10.0.0.153"), /dev eth0/);
      assert.match(mustInside(gateway, "ip route get 10.0.0.12 from 192.168.1.153"), /dev eth1/);
      assert.match(
        mustInside(gateway, "ip route get 198.51.100.10"),
        /via 192\.168\.1\.1 dev eth1/,
      );
    });
  });

  it("passes every line of make verify", () => {
    const { code, stdout } = checkout().run("make", ["verify", "STACK=phoenix"]);
    assert.equal(code, 0, stdout);
    for (const line of [
      /^ok +\d+\. eth1 has the public address .*192\.168\.1\.153\/24$/m,
      /^ok +\d+\. nginx listens on all interfaces /m,
      /^ok +\d+\. DNS wildcards .*any\.thinkheads\.ai 192\.168\.1\.153$/m,
      /^ok +\d+\. Outside traffic .*nginx-phoenix from phoenix-router: 80, 443 of 22, 80, 443, 9000$/m,
      /^ok +\d+\. No host-level NAT /m,
    ])
      assert.match(stdout, line);
    assert.match(stdout, /, 0 warning, 0 failed, 0 skipped$/m);
  });

  it("is told by make doctor what the LAN's resolver says of its names", () => {
    const { code, stdout } = checkout().run("make", ["doctor", "STACK=phoenix"]);
    assert.equal(code, 0, stdout);
    // Nobody has entered them there.
    assert.match(
      stdout,
      /^warning +DNS of the LAN +192\.168\.1\.1 has no address for any\.thinkheads\.ai$/m,
    );
  });

  describe("its filter", () => {
    it("opens 80 and 443 to the LAN and nothing else, and all of it inside", () => {
      assert.deepEqual(openPorts(client, "192.168.1.153", ports), [80, 443]);
      assert.deepEqual(openInside("10.0.0.153", ports), ports);
      // Nobody goes around it by the inner interface.
      assert.notEqual(
        inside(
          behind,
          "ip route add 192.168.1.153 via 10.0.0.153 && timeout 3 bash -c ': <>/dev/tcp/192.168.1.153/9000'; rc=$?; ip route del 192.168.1.153; exit $rc",
        ).code,
        0,
      );
    });
    it("is what closes them: without it all are open", () => {
      mustInside(gateway, "systemctl stop proximity-filter");
      assert.deepEqual(openPorts(client, "192.168.1.153", ports), ports);
      mustInside(gateway, "systemctl start proximity-filter");
      assert.deepEqual(openPorts(client, "192.168.1.153", ports), [80, 443]);
    });
  });

  describe("once it stands", () => {
    it("does not change when it is brought up again", () => {
      const boot = bootOf();
      const { code, stdout } = pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
      assert.equal(code, 0, stdout);
      assert.equal(bootOf(), boot);
    });

    it("shows what somebody changed by hand in it and beside it, and puts that right", () => {
      mustInside(gateway, "echo '# mine' >>/etc/proximity/public.nft");
      mustOn(
        "pve1",
        `sed -i 's/^lxc.net.1.ipv4.gateway:.*/lxc.net.1.ipv4.gateway: 192.168.1.7/' /etc/pve/lxc/${gateway}.conf`,
      );
      const { stdout } = pulumi("preview");
      assert.match(stdout, /public\.nft has another content\n[^]*?\+# mine/);
      assert.match(
        stdout,
        /other raw lines for eth1\n[^]*?\+lxc\.net\.1\.ipv4\.gateway: 192\.168\.1\.7/,
      );
      up();
      assert.equal(pulumi("preview", "--expect-no-changes").code, 0);
      assert.match(nicLines().join("\n"), /gateway: 192\.168\.1\.1$/m);
    });

    it("keeps routes, filter and nginx over a start of its own", () => {
      mustOn("pve1", `pct reboot ${gateway}`);
      const ready = `n=0; until [ "$(systemctl is-active nginx proximity-filter proximity-public | sort -u)" = active ]; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.2; done`;
      mustInside(gateway, ready);
      assert.equal(get(client, "https://192.168.1.153/").status, "200");
      assert.deepEqual(openPorts(client, "192.168.1.153", [22, 443]), [443]);
      assert.match(mustInside(gateway, "ip rule"), /from 192\.168\.1\.153 lookup 1001/);
    });
  });
});
