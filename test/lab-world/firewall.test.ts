import assert from "node:assert/strict";

import { waitFor } from "../../lab/world/wait";
import { FirewallLab, GUEST } from "./support/firewall-lab";
import { needRoot } from "./support/labs";

const ON = "[OPTIONS]\nenable: 1\n";

/** Every case opens or closes one thing and is followed by its counter-case. */
describe("the firewall of a node's guests", function () {
  this.timeout(300_000);

  const world = new FirewallLab("spec-firewall", 22100);
  const { lab } = world;
  let untouched = "";

  before(async function () {
    needRoot(this);
    lab.up();
    untouched = world.nodeState();
    world.createGuest(100, GUEST, ",firewall=1");
    world.createGuest(101, "192.168.1.61", "");
    await world.serve(100);
    await world.serve(101);
  });
  after(() => {
    lab.end();
  });

  describe("its three switches", () => {
    const CLOSED = "[OPTIONS]\nenable: 1\npolicy_in: DROP\n";

    it("does nothing while the cluster's is off, whatever the guest's file says", async () => {
      await world.guestFile(CLOSED);
      assert.deepEqual(world.both(), ["answer", "answer"]);
      assert.doesNotMatch(world.rules(), /PVEFW/);
      assert.equal(world.onNode("pve-firewall status"), "Status: disabled/running");
    });

    it("does nothing while the guest's is off", async () => {
      await world.guestFile("[OPTIONS]\nenable: 0\npolicy_in: DROP\n");
      await world.clusterFile(ON);
      assert.equal(world.onNode("pve-firewall status"), "Status: enabled/running");
      assert.deepEqual(world.both(), ["answer", "answer"]);
    });

    it("closes a guest with all three on, and not the one without firewall=1", async () => {
      await world.guestFile(CLOSED, 101);
      await world.guestFile(CLOSED);
      assert.deepEqual(world.both(), ["timeout", "timeout"]);
      assert.equal(world.ask("lan-client", 80, "192.168.1.61"), "answer");
    });
  });

  describe("its rules", () => {
    it("lets one port pass and drops the other, for the LAN, the node and another guest", async () => {
      await world.guestFile(`${ON}[RULES]\nIN ACCEPT -p tcp -dport 80\n`);
      assert.deepEqual(world.both(), ["answer", "timeout"]);
      assert.deepEqual(world.both("pve1"), ["answer", "timeout"]);
      const fromGuest = (port: number): string =>
        world.inGuest(
          `timeout 2 bash -c 'exec 3<>/dev/tcp/${GUEST}/${port} && echo open' || echo closed`,
          101,
        );
      assert.deepEqual([fromGuest(80), fromGuest(81)], ["open", "closed"]);
    });

    it("is stateful: replies come in, and a policy_out of DROP still lets them out", async () => {
      const fetch = "wget -T2 -t1 -qO- http://192.168.1.50/ || echo failed";
      await world.guestFile(ON);
      assert.equal(world.inGuest(fetch), GUEST);
      await world.guestFile(`${ON}policy_out: DROP\n[RULES]\nIN HTTP(ACCEPT)\n`);
      assert.deepEqual([world.inGuest(fetch), world.ask("lan-client", 80)], ["failed", "answer"]);
    });

    it("follows policy_in ACCEPT with a DROP before it, and REJECT answers at once", async () => {
      await world.guestFile(`${ON}policy_in: ACCEPT\n[RULES]\nIN DROP -p tcp -dport 81\n`);
      assert.deepEqual(world.both(), ["answer", "timeout"]);
      await world.guestFile(`${ON}policy_in: REJECT\n[RULES]\nIN HTTP(ACCEPT)\n`);
      assert.deepEqual(world.both(), ["answer", "refused"]);
    });

    it("knows macros, and leaves a rule alone that is off or for another NIC", async () => {
      await world.guestFile(`${ON}[RULES]\nIN Web(ACCEPT) -i net0\n|IN ACCEPT -p tcp -dport 81\n`);
      assert.deepEqual(world.both(), ["answer", "timeout"]);
      await world.guestFile(`${ON}[RULES]\nIN Web(ACCEPT) -i net7\nIN ACCEPT -p tcp -dport 81\n`);
      assert.deepEqual(world.both(), ["timeout", "answer"]);
    });

    it("knows aliases, ranges, sets with exceptions, and groups", async () => {
      const opened = async (head: string, rule: string): Promise<readonly string[]> => {
        await world.guestFile(`${ON}${head}[RULES]\n${rule}\n`);
        return [world.ask("lan-client", 80), world.ask("pve1", 80)];
      };
      assert.deepEqual(
        await opened("[ALIASES]\nclient 192.168.1.50\n", "IN HTTP(ACCEPT) -source client"),
        ["answer", "timeout"],
      );
      assert.deepEqual(await opened("", "IN HTTP(ACCEPT) -source 192.168.1.40-192.168.1.50"), [
        "answer",
        "timeout",
      ]);
      const set = "[IPSET lan]\n192.168.1.0/24\n!192.168.1.50\n";
      assert.deepEqual(await opened(set, "IN HTTP(ACCEPT) -source +lan"), ["timeout", "answer"]);
      await world.clusterFile(`${ON}[group web]\nIN HTTP(ACCEPT) -source 192.168.1.10\n`);
      assert.deepEqual(await opened("", "GROUP web -i net0"), ["timeout", "answer"]);
      await world.guestFile(ON);
      await world.clusterFile(ON);
    });

    it("writes down what a rule logs, and not what has no level", async () => {
      await world.guestFile(`${ON}[RULES]\nIN DROP -p tcp -dport 81 -log warning\n`);
      assert.deepEqual(world.both(), ["timeout", "timeout"]);
      const log = (): string => lab.on("pve1", "cat", "/var/log/pve-firewall.log").stdout;
      await waitFor("a line in the packet log", 3000, () => log().includes("DPT=81"));
      assert.match(
        log(),
        /^100 4 veth100i0-IN \d\d\/\w{3}\/\d{4}:[\d:]{8} \S+ DROP: .*SRC=192\.168\.1\.50 /m,
      );
      assert.doesNotMatch(log(), /DPT=80 /);
      await world.guestFile(`${ON}log_level_in: info\n`);
      world.ask("lan-client", 80);
      await waitFor("the policy's line", 3000, () => log().includes("DPT=80"));
      assert.match(log(), /^100 6 veth100i0-IN .* policy DROP: /m);
    });
  });

  describe("what a guest pretends to be", () => {
    // A question that nobody answered is not asked again at once, so each fetch begins without any.
    const reaches = (): string =>
      world.inGuest("ip neigh flush all; wget -T2 -t1 -qO- http://192.168.1.50/ || echo failed");
    /** Whom the LAN client has heard. */
    const neighbours = (): string => lab.mustOn("lan-client", "ip neigh show");
    const pretend = (mac: string): void => {
      world.inGuest(`ip link set eth0 address ${mac}; ip route replace default via 192.168.1.1`);
      lab.mustOn("lan-client", "ip neigh flush all");
    };

    it("drops another MAC address than the guest's, unless macfilter is off", async () => {
      await world.guestFile(`${ON}[RULES]\nIN HTTP(ACCEPT)\n`);
      const own = world.inGuest("cat /sys/class/net/eth0/address");
      pretend("02:00:00:00:00:99");
      assert.equal(reaches(), "failed");
      // Not even its question for an address: whoever hears one remembers who asked.
      assert.doesNotMatch(neighbours(), /02:00:00:00:00:99/);
      await world.guestFile(`${ON}macfilter: 0\n`);
      assert.equal(reaches(), GUEST);
      assert.match(neighbours(), /02:00:00:00:00:99/);
      await world.guestFile(ON);
      pretend(own);
      assert.equal(reaches(), GUEST);
    });

    it("drops another address than the config's with ipfilter", async () => {
      world.inGuest("ip address add 192.168.1.66/24 dev eth0");
      const from = (address: string): string =>
        world.inGuest(
          `ip neigh flush all; wget --bind-address ${address} -T2 -t1 -qO- http://192.168.1.50/ || echo failed`,
        );
      assert.equal(from("192.168.1.66"), "192.168.1.66");
      assert.match(neighbours(), /^192\.168\.1\.66 /m);
      await world.guestFile(`${ON}ipfilter: 1\n`);
      lab.mustOn("lan-client", "ip neigh flush all");
      assert.equal(from("192.168.1.66"), "failed");
      assert.doesNotMatch(neighbours(), /^192\.168\.1\.66 /m);
      assert.equal(from(GUEST), GUEST);
      world.inGuest("ip address del 192.168.1.66/24 dev eth0");
    });
  });

  describe("on the node", () => {
    it("keeps the rules of all guests when one line anywhere is bad, and says which", async () => {
      await world.guestFile(`${ON}[RULES]\nIN HTTP(ACCEPT)\n`);
      const before = world.loaded();
      world.write("/etc/pve/firewall/101.fw", `${ON}[RULES]\nIN https(accept)\n`);
      world.write("/etc/pve/firewall/100.fw", `${ON}[RULES]\nIN ACCEPT -p tcp -dport 81\n`);
      const log = (): string => lab.must("logs", ["pve1/pve-firewall"]);
      await waitFor("the bad line in the log", 5000, () => /101\.fw \(line 4\)/.test(log()));
      assert.deepEqual([world.loaded(), ...world.both()], [before, "answer", "timeout"]);
      const said = lab.on("pve1", "pve-firewall", "compile");
      assert.equal(said.code, 0);
      assert.match(
        said.stderr,
        /^\/etc\/pve\/firewall\/101\.fw \(line 4\): .*: IN https\(accept\)$/m,
      );
      assert.match(said.stdout, /^-A veth100i0-IN -p tcp --dport 81 -j ACCEPT$/m);
      assert.match(said.stdout, /^detected changes$/m);
      world.onNode("rm /etc/pve/firewall/101.fw");
      await world.inForce();
      assert.deepEqual(world.both(), ["timeout", "answer"]);
      assert.equal(lab.on("pve1", "pve-firewall", "compile").stderr, "");
    });

    it("refuses what it would not enforce: the rules stay, and log and compile say why", async () => {
      const before = world.loaded();
      const texts = ["layer2_protocols: ARP\n", "ips: 1\n"];
      for (const text of texts) {
        world.write("/etc/pve/firewall/100.fw", `${ON}${text}`);
        const said = lab.on("pve1", "pve-firewall", "compile");
        assert.match(said.stderr, /100\.fw: option '\w+' is not enforced by the lab/);
      }
      await waitFor("the refusal in the log", 5000, () =>
        /option 'ips' is not enforced/.test(lab.must("logs", ["pve1/pve-firewall"])),
      );
      assert.equal(world.loaded(), before);
      await world.guestFile(`${ON}[RULES]\nIN ACCEPT -p tcp -dport 81\n`);
    });

    it("reports the local network, and refuses verbs that it does not have", () => {
      assert.match(
        world.onNode("pve-firewall localnet"),
        /^using detected local_network: 192\.168\.1\.0\/24$/m,
      );
      const said = lab.on("pve1", "pve-firewall", "simulate");
      assert.equal(said.code, 255);
      assert.match(said.stderr, /pve-firewall simulate: not implemented in the lab/);
    });

    it("is closed itself but for its LAN's management, unless host.fw says 0", async () => {
      const ssh = (host: string): string => {
        const { stdout, stderr } = lab.run("exec", [
          ...[host, "socat", "-t1", "-", "TCP:192.168.1.10:22,connect-timeout=1"],
        ]);
        return stdout.startsWith("SSH-") ? "open" : /timed out/.test(stderr) ? "closed" : stderr;
      };
      assert.deepEqual([ssh("lan-client"), ssh("outside")], ["open", "closed"]);
      world.write("/etc/pve/nodes/pve1/host.fw", "[OPTIONS]\nenable: 0\n");
      await world.inForce();
      assert.deepEqual([ssh("lan-client"), ssh("outside")], ["open", "open"]);
      world.onNode("rm /etc/pve/nodes/pve1/host.fw");
      await world.inForce();
    });

    it("leaves a macvlan NIC alone", async () => {
      await world.guestFile(ON);
      const address = "192.168.1.67";
      world.onNode(`printf '%s\\n' 'lxc.net.1.type: macvlan' 'lxc.net.1.macvlan.mode: bridge' 'lxc.net.1.link: vmbr0' \
        'lxc.net.1.name: pub0' 'lxc.net.1.flags: up' 'lxc.net.1.ipv4.address: ${address}/24' >>/etc/pve/lxc/100.conf
        pct reboot 100`);
      await world.serve();
      // Two NICs in one network: each may only speak for its own address, by its own route.
      world.inGuest("echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore");
      lab.mustOn("lan-client", "ip neigh flush all");
      assert.equal(world.ask("lan-client", 80), "timeout");
      world.inGuest("ip link set eth0 down");
      assert.equal(world.ask("lan-client", 80, address), "answer");
      world.onNode("sed -i '/^lxc.net.1/d' /etc/pve/lxc/100.conf");
    });

    it("keeps chains of somebody else, and a guest's rules over its restart", async () => {
      world.onNode(
        "iptables -N SOMEBODY && iptables -A SOMEBODY -s 203.0.113.9 -j DROP && iptables -A FORWARD -j SOMEBODY",
      );
      await world.guestFile(`${ON}[RULES]\nIN HTTP(ACCEPT)\n`);
      world.onNode("pct reboot 100");
      await world.serve();
      assert.deepEqual(world.both(), ["answer", "timeout"]);
      assert.match(world.rules(), /203\.0\.113\.9/);
      world.onNode("iptables -F SOMEBODY; iptables -D FORWARD -j SOMEBODY; iptables -X SOMEBODY");
    });

    it("opens everything when switched off, and takes what it made away with the guest", async () => {
      await world.clusterFile("[OPTIONS]\nenable: 0\n");
      assert.deepEqual(world.both(), ["answer", "answer"]);
      await world.clusterFile(ON);
      assert.match(world.rules(), /veth100i0-IN/);
      world.onNode("pct stop 100; pct destroy 100; pct stop 101; pct destroy 101");
      await waitFor("the guest's chains to be gone", 5000, () => !/veth10/.test(world.rules()));
      assert.match(world.rules(), /PVEFW-FORWARD/);
      world.onNode("rm -r /etc/pve/firewall");
      await world.inForce();
      assert.equal(world.nodeState(), untouched);
    });
  });
});
