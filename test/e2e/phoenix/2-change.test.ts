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
  change,
  client,
  enableDatacenter,
  gateway,
  listen,
  nicLines,
  openInside,
  openPorts,
  outputs,
  restOfConfig,
  startsDuring,
  up,
} from "./support";

const ports = [22, 80, 443, 9000];
let plain = "";
const oldRule = "-i vmbr0 -p tcp --dport 443 -j DNAT --to-destination 10.0.0.153:443";

describe("Phoenix: the gateway's address", () => {
  before(() => {
    up();
    plain = restOfConfig();
  });

  it("is refused at preview in another network than the bridge's; rules that came back are shown", () => {
    const preview = () =>
      checkout().run("toolchain/pulumi", [
        ...["preview", "--stack", "phoenix", "--non-interactive"],
      ]);
    mustOn("pve1", `iptables -t nat -A PREROUTING ${oldRule}`);
    change({ ip: "192.168.2.153/24", gw: "192.168.2.1" });
    const refused = preview();
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.stdout,
      /publicInterface\.ip: 192\.168\.2\.153\/24 is of 192\.168\.2\.0\/24, while the node has/,
    );
    change({ ip: "192.168.1.153/24", gw: "192.168.1.1" });
    const shown = preview();
    assert.equal(shown.code, 0, shown.stdout);
    assert.match(
      shown.stdout,
      /Old rules of the node \(obsoleteNat\) are removed:\n.*10\.0\.0\.153:443/,
    );
    assert.match(mustOn("pve1", "iptables-save -t nat"), /10\.0\.0\.153:443/);
  });

  it("takes another address by one start, and nothing else of its configuration changes", () => {
    change({ ip: "192.168.1.90/24" });
    assert.equal(startsDuring(up), 1);
    assert.match(nicLines().join("\n"), /ipv4\.address: 192\.168\.1\.90\/24/);
    assert.equal(restOfConfig(), plain);
    // What came back of the old rules goes with any update.
    assert.doesNotMatch(mustOn("pve1", "iptables-save -t nat"), /10\.0\.0\.153/);
    assert.equal(get(client, "https://192.168.1.90/").status, "200");
    assert.equal(get(client, "https://192.168.1.153/").status, "000");
    assert.match(mustInside(gateway, "ip rule"), /from 192\.168\.1\.90 lookup 1001/);
    assert.doesNotMatch(mustInside(gateway, "ip rule"), /192\.168\.1\.153/);
  });

  it("is refused an address that another machine of the LAN answers for", () => {
    change({ ip: "192.168.1.50/24" });
    const { code, stdout } = checkout().run("toolchain/pulumi", [
      ...["up", "--yes", "--skip-preview", "--stack", "phoenix", "--non-interactive"],
    ]);
    assert.notEqual(code, 0);
    assert.match(stdout, /192\.168\.1\.50 is taken/);
    assert.equal(get(client, "https://192.168.1.90/").status, "200");
    change({ ip: "192.168.1.153/24" });
    up();
  });
});

describe("Phoenix: the gateway as a veth", () => {
  before(() => {
    enableDatacenter(true);
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
    listen();
    assert.deepEqual(openPorts(client, "192.168.1.153", ports), [80, 443]);
    assert.deepEqual(openInside("10.0.0.153", ports), ports);
  });

  it("has a file of rules that is shown when somebody changed it, and left as it is", () => {
    const file = `/etc/pve/firewall/${gateway}.fw`;
    mustOn("pve1", `cp ${file} /tmp/kept; echo '# mine' >>${file}`);
    const preview = checkout().must("toolchain/pulumi", [
      ...["preview", "--stack", "phoenix", "--non-interactive", "--expect-no-changes"],
    ]);
    mustOn("pve1", `grep -q mine ${file}; mv /tmp/kept ${file}`);
    assert.match(preview, /was changed by hand, and no update overwrites it[^]*?\+# mine/);
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
    assert.equal(mustOn("pve1", "cat /etc/pve/firewall/cluster.fw"), "[OPTIONS]\nenable: 1");
    enableDatacenter(false);
    change({ type: "macvlan" });
    assert.equal(startsDuring(up), 1);
    // What this stack switched on is off again, and nothing of it is left.
    assert.equal(on("pve1", "test -e /etc/pve/firewall/cluster.fw").code, 1);
    assert.equal(on("pve1", "test -e /var/lib/proximity/datacenter-firewall").code, 1);
    assert.equal(nicLines().length, 8);
    assert.equal(restOfConfig(), plain);
    assert.equal(on("pve1", `test -e /etc/pve/firewall/${gateway}.fw`).code, 1);
    assert.equal(get(client, "https://192.168.1.153/").status, "200");
    assert.deepEqual(openPorts(client, "192.168.1.153", [22, 443]), [443]);
    mustOn("pve1", "rm -r /etc/pve/firewall");
  });
});

describe("Phoenix: nginx's files", () => {
  const site = "/etc/nginx/sites-available/gateway";
  const edit = (from: string, to: string) => {
    checkout().edit(({ config }) => {
      const guests = config["proximity-lan:site"]["guests"] as Record<
        string,
        { files: Record<string, { content: string }> }
      >;
      const file = guests["nginx-phoenix"]?.files[site] ?? assert.fail();
      assert.ok(file.content.includes(from));
      file.content = file.content.replace(from, to);
    }, "phoenix");
  };

  it("stay the old ones when nginx, stopped or running, refuses new ones", () => {
    const old = mustInside(gateway, `cat ${site}`);
    edit("return 301", "nonsense; return 301");
    for (const state of ["stop", "start"]) {
      mustInside(gateway, `systemctl ${state} nginx`);
      const { code, stdout, stderr } = checkout().run("make", ["up", "STACK=phoenix"]);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /nginx refuses its new files, so the old ones are back/);
      assert.match(stdout + stderr, /unknown directive "nonsense"/);
      assert.equal(mustInside(gateway, `cat ${site}`), old);
      assert.equal(get(client, "https://192.168.1.153/").status, "200");
    }
    edit("nonsense; return 301", "return 301");
    up();
    assert.equal(mustInside(gateway, `cat ${site}`), old);
  });
});

describe("Phoenix: the end of it", () => {
  it("loses all of it when that is switched off, without a start", () => {
    checkout().edit(({ config }) => {
      const guests = config["proximity-lan:site"]["guests"] as Record<
        string,
        { internal: Record<string, unknown>; public_interface: Record<string, unknown> }
      >;
      const guest = guests["nginx-phoenix"] ?? assert.fail();
      guest.public_interface["enabled"] = false;
      guest.internal["gateway"] = "10.0.0.1";
      // The same run gives the app behind it what the gateway loses.
      const apps = config["proximity-lan:site"]["apps"];
      (apps["traefik"] ?? assert.fail())["public_interface"] = {
        ...{ ip: "192.168.1.91/24", gw: "192.168.1.1" },
        firewall: { open: [8000] },
      };
    }, "phoenix");
    up();
    assert.deepEqual(nicLines(), []);
    assert.equal(inside(gateway, "ip link show eth1").code, 1);
    assert.equal(get(client, "https://192.168.1.153/").status, "000");
    for (const path of ["/etc/proximity/public", "/usr/local/sbin/proximity-public-routes"])
      assert.equal(inside(gateway, `test -e ${path}`).code, 1, path);
    assert.doesNotMatch(mustInside(gateway, "ip rule"), /lookup 100[01]/);
    assert.match(mustInside(gateway, "ip route show default"), /via 10\.0\.0\.1 dev eth0/);
    assert.equal(mustInside(gateway, "systemctl --failed --plain --no-legend"), "");
  });

  it("is there for an app just as well, which stays behind the proxy beside it", () => {
    const page = /Served by traefik/;
    assert.match(get(client, "http://192.168.1.91:8000/").body, page);
    const { wanAddress } = outputs().appliance;
    assert.match(get(client, `http://${wanAddress}:8080/traefik/`).body, page);
    assert.equal(outputs().apps["traefik"]?.["publicAddress"], "192.168.1.91");
    mustInside(behind, "systemd-run -q --unit probe busybox httpd -f -p 9000 -h /srv/www");
    assert.deepEqual(openPorts(client, "192.168.1.91", [8000, 9000]), [8000]);
    assert.equal(
      mustInside(behind, "ip route show default").trim(),
      "default via 192.168.1.1 dev eth1",
    );
    assert.match(mustInside(behind, "ip rule"), /from 192\.168\.1\.91 lookup 1001/);
  });

  it("leaves the node as it was when it is destroyed", () => {
    checkout().must("make", ["destroy", "STACK=phoenix"]);
    // Rules that were obsolete stay away; the one of somebody else is still there.
    assert.match(mustOn("pve1", "iptables-save -t nat"), /10\.0\.0\.15:22/);
    mustOn("pve1", "iptables -t nat -F; nft delete table ip nat");
    assert.equal(nodeState(), initialState());
  });
});
