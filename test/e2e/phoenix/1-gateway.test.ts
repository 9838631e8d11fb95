import assert from "node:assert/strict";

import {
  checkout,
  get,
  initialState,
  inside,
  mustInside,
  mustOn,
  nodeState,
  on,
} from "../support/world";
import {
  behind,
  bootOf,
  change,
  client,
  gateway,
  mac,
  nicLines,
  openInside,
  openPorts,
  outputs,
  restOfConfig,
  up,
} from "./support";

const ports = [22, 80, 443, 9000];

describe("Phoenix: a gateway with an address of its own on the LAN", () => {
  const name = "shop.thinkheads.ai";
  const byName = (address: string) =>
    get(client, `https://${name}/`, "--resolve", `${name}:443:${address}`);
  const pulumi = (...args: readonly string[]) =>
    checkout().run("toolchain/pulumi", [...args, "--stack", "phoenix", "--non-interactive"]);
  let plain = "";

  before(() => {
    // The host's old way to the gateway, which the stack makes obsolete, beside rules that stay.
    mustOn(
      "pve1",
      `iptables -t nat -A PREROUTING -i vmbr0 -p tcp --dport 443 -j DNAT --to-destination 10.0.0.153:443
      iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE
      iptables -t nat -A PREROUTING -i vmbr0 -p tcp --dport 2222 -j DNAT --to-destination 10.0.0.15:22`,
    );
    up();
    plain = restOfConfig();
    // Something that must stay closed is open in the guest, or nothing would be proven.
    mustInside(
      gateway,
      "systemd-run -q --unit probe perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 5, LocalPort => 9000, ReuseAddr => 1) or die; close $_ while $_ = $s->accept'",
    );
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
      assert.equal(get(client, `http://192.168.1.153/`).status, "301");
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

  it("does not change when it is brought up again", () => {
    const boot = bootOf();
    const { code, stdout } = pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.equal(bootOf(), boot);
  });

  it("keeps routes, filter and nginx over a start of its own", () => {
    mustOn("pve1", `pct reboot ${gateway}`);
    const ready = `n=0; until [ "$(systemctl is-active nginx proximity-filter proximity-public | sort -u)" = active ]; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.2; done`;
    mustInside(gateway, ready);
    assert.equal(get(client, "https://192.168.1.153/").status, "200");
    assert.deepEqual(openPorts(client, "192.168.1.153", [22, 443]), [443]);
    assert.match(mustInside(gateway, "ip rule"), /from 192\.168\.1\.153 lookup 1001/);
  });

  /** Brings up a change and counts the gateway's starts by watching the node's tasks of it. */
  const startsDuring = (step: () => void): number => {
    const count = () =>
      Number(mustOn("pve1", `cat /var/log/lab/starts-${gateway} 2>/dev/null | wc -l`));
    // The lab notes each start of a guest in the log that LXC begins anew; its inode's times tell one.
    const boot = bootOf();
    void count;
    step();
    return bootOf() === boot ? 0 : 1;
  };

  it("takes another address by one start, and nothing else of its configuration changes", () => {
    change({ ip: "192.168.1.154/24" });
    assert.equal(startsDuring(up), 1);
    assert.match(nicLines().join("\n"), /ipv4\.address: 192\.168\.1\.154\/24/);
    assert.equal(restOfConfig(), plain);
    assert.equal(get(client, "https://192.168.1.154/").status, "200");
    assert.equal(get(client, "https://192.168.1.153/").status, "000");
    assert.match(mustInside(gateway, "ip rule"), /from 192\.168\.1\.154 lookup 1001/);
    assert.doesNotMatch(mustInside(gateway, "ip rule"), /192\.168\.1\.153/);
  });

  it("is refused an address that another machine of the LAN answers for", () => {
    change({ ip: "192.168.1.50/24" });
    const { code, stdout } = pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /192\.168\.1\.50 is taken/);
    assert.equal(get(client, "https://192.168.1.154/").status, "200");
    change({ ip: "192.168.1.153/24" });
    up();
  });

  describe("as a veth", () => {
    before(() => {
      mustOn(
        "pve1",
        "mkdir -p /etc/pve/firewall && printf '[OPTIONS]\\nenable: 1\\n' >/etc/pve/firewall/cluster.fw",
      );
      change({ type: "veth" });
    });

    it("has its interface from Proxmox, after one start, and no raw lines", () => {
      assert.equal(startsDuring(up), 1);
      const lines = nicLines();
      assert.equal(lines.length, 1);
      assert.match(
        lines[0] ?? "",
        /^net1: name=eth1,bridge=vmbr0,firewall=1,.*hwaddr=02:00:00:00:01:01,ip=192\.168\.1\.153\/24/,
      );
      assert.equal(restOfConfig(), plain);
      assert.equal(inside(gateway, "test -e /etc/proximity/public.nft").code, 1);
      assert.equal(inside(gateway, "nft list table inet proximity_public").code, 1);
      assert.equal(get(client, "https://192.168.1.153/").status, "200");
    });

    it("is filtered by the node, whose strict reader takes the file", () => {
      assert.equal(on("pve1", "pve-firewall compile >/dev/null").stderr, "");
      mustOn(
        "pve1",
        "n=0; until pve-firewall status | grep -qx 'Status: enabled/running'; do n=$((n + 1)); [ $n -lt 50 ]; sleep 0.2; done",
      );
      mustInside(
        gateway,
        "systemd-run -q --unit probe2 perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 5, LocalPort => 9000, ReuseAddr => 1) or die; close $_ while $_ = $s->accept'",
      );
      assert.deepEqual(openPorts(client, "192.168.1.153", ports), [80, 443]);
      assert.deepEqual(openInside("10.0.0.153", ports), ports);
    });

    it("is open without that file, so that the line above means something", () => {
      mustOn(
        "pve1",
        `mv /etc/pve/firewall/${gateway}.fw /tmp/fw
        n=0; until pve-firewall status | grep -qx 'Status: enabled/running'; do n=$((n + 1)); [ $n -lt 50 ]; sleep 0.2; done`,
      );
      const open = () => openPorts(client, "192.168.1.153", ports);
      assert.deepEqual(open(), ports);
      mustOn("pve1", `mv /tmp/fw /etc/pve/firewall/${gateway}.fw`);
    });

    it("becomes macvlan again by one start, and its .fw file goes", () => {
      change({ type: "macvlan" });
      assert.equal(startsDuring(up), 1);
      assert.equal(nicLines().length, 8);
      assert.equal(restOfConfig(), plain);
      assert.equal(on("pve1", `test -e /etc/pve/firewall/${gateway}.fw`).code, 1);
      assert.equal(get(client, "https://192.168.1.153/").status, "200");
      assert.deepEqual(openPorts(client, "192.168.1.153", [22, 443]), [443]);
      mustOn("pve1", "rm -r /etc/pve/firewall");
    });
  });

  it("loses all of it when that is switched off, without a start", () => {
    checkout().edit(({ config }) => {
      const guests = config["proximity-lan:site"]["guests"] as Record<
        string,
        { internal: Record<string, unknown>; public_interface: Record<string, unknown> }
      >;
      const guest = guests["nginx-phoenix"] ?? assert.fail();
      guest.public_interface["enabled"] = false;
      guest.internal["gateway"] = "10.0.0.1";
    }, "phoenix");
    up();
    assert.deepEqual(nicLines(), []);
    assert.equal(inside(gateway, "ip link show eth1").code, 1);
    assert.equal(get(client, "https://192.168.1.153/").status, "000");
    for (const path of ["/etc/proximity/public", "/usr/local/sbin/proximity-public-routes"])
      assert.equal(inside(gateway, `test -e ${path}`).code, 1, path);
    assert.doesNotMatch(mustInside(gateway, "ip rule"), /lookup 100[01]/);
    assert.match(mustInside(gateway, "ip route show default"), /via 10\.0\.0\.1 dev eth0/);
  });

  it("leaves the node as it was when it is destroyed", () => {
    checkout().must("make", ["destroy", "STACK=phoenix"]);
    // Rules that were obsolete stay away; the one of somebody else is still there.
    assert.match(mustOn("pve1", "iptables-save -t nat"), /10\.0\.0\.15:22/);
    mustOn("pve1", "iptables -t nat -F; nft delete table ip nat");
    assert.equal(nodeState(), initialState());
  });
});
