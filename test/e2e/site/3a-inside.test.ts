import assert from "node:assert/strict";

import { linkLocalOf, opens, textOf } from "../support/probes";
import {
  addressOf,
  checkout,
  get,
  inside,
  mustInside,
  mustOn,
  on,
  outputs,
  type Outputs,
} from "../support/world";

const gateway = "10.20.0.1";
const client = "lan-client";
const clientAddress = "192.168.1.50";
const nodeAddress = "192.168.1.10";
const outside = "198.51.100.10";

describe("the private network", () => {
  let site: Outputs;
  let wan: string;

  before(() => {
    checkout().must("make", ["up"]);
    site = outputs();
    wan = site.appliance.wanAddress;
  });

  for (const [name, vmid] of [
    ["nginx-01", 101],
    ["notes", 102],
  ] as const)
    describe(`inside ${name}`, () => {
      it("has its address from DHCP, and the appliance as resolver and only router", () => {
        const address = addressOf(vmid);
        assert.equal(address, site.apps[name]?.address);
        if (name === "nginx-01") {
          const last = Number(address.replace(/^10\.20\.0\./, ""));
          assert.ok(last >= 100 && last <= 250, address);
        }
        assert.match(
          mustInside(100, "cat /var/lib/misc/dnsmasq.leases"),
          new RegExp(` ${address.replaceAll(".", "\\.")} ${name} `),
        );
        assert.equal(
          mustInside(vmid, "awk '/^nameserver/ { print $2 }' /etc/resolv.conf"),
          gateway,
        );
        assert.match(
          mustInside(vmid, "ip route show default"),
          /^default via 10\.20\.0\.1 dev eth0[^\n]*$/,
        );
      });
      it("resolves its neighbours, bare and with the domain", () => {
        for (const [host, { address }] of Object.entries(site.apps))
          for (const asked of [host, `${host}.prox.local`]) {
            // A guest finds its own name in its own hosts file, as Proxmox writes it.
            const expected = host === name ? "127.0.1.1" : address;
            assert.equal(
              mustInside(vmid, `getent ahostsv4 ${asked} | awk '{ print $1; exit }'`),
              expected,
            );
          }
        assert.notEqual(inside(vmid, "getent ahostsv4 nobody.prox.local").code, 0);
      });
      it("reaches the outside, which sees the appliance's WAN address", () => {
        assert.equal(mustInside(vmid, textOf(outside, 80)).trim(), wan);
      });
      it("does not reach the management LAN, the node, or the console", () => {
        // Each of them does answer someone, or this would prove nothing.
        assert.equal(get("outside", `http://${clientAddress}/`).status, "200");
        for (const port of [22, 8006]) assert.equal(on(client, opens(nodeAddress, port)).code, 0);
        assert.equal(on(client, opens(wan, 9090)).code, 0);
        for (const [address, port] of [
          [clientAddress, 80],
          [nodeAddress, 22],
          [nodeAddress, 8006],
          ["192.168.1.1", 53],
          [gateway, 9090],
          [gateway, 22],
          [gateway, 2019],
          [wan, 9090],
        ] as const)
          assert.notEqual(
            inside(vmid, opens(address, port)).code,
            0,
            `${address}:${port} answered`,
          );
        for (const address of [clientAddress, nodeAddress])
          assert.notEqual(inside(vmid, `ping -c 1 -W 2 ${address}`).code, 0, `${address} answered`);
        assert.equal(inside(vmid, `ping -c 1 -W 2 ${gateway}`).code, 0);
      });
      it("gets nothing into the node that it sends to the bridge's own MAC", () => {
        const mac = mustOn("pve1", "cat /sys/class/net/proximity-lan/address");
        mustOn(
          "pve1",
          `rm -f /tmp/heard
          timeout 20 socat -u UDP-RECV:5555 OPEN:/tmp/heard,creat,append </dev/null >/dev/null 2>&1 &
          echo $! >/tmp/heard.pid
          n=0; until [ -n "$(ss -Huln sport = :5555)" ]; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done`,
        );
        mustInside(
          vmid,
          `ip route add ${nodeAddress} dev eth0
          ip neigh replace ${nodeAddress} lladdr ${mac} dev eth0
          for _ in 1 2 3; do bash -c 'echo app >/dev/udp/${nodeAddress}/5555'; done
          ip neigh del ${nodeAddress} dev eth0
          ip route del ${nodeAddress} dev eth0`,
        );
        // Sent last, so that what the app sent would have been heard before.
        mustOn(client, `bash -c 'echo client >/dev/udp/${nodeAddress}/5555'`);
        const heard =
          "n=0; until grep -qs client /tmp/heard; do n=$((n + 1)); [ $n -lt 50 ] || break; sleep 0.1; done; kill $(cat /tmp/heard.pid); sort -u /tmp/heard";
        assert.equal(mustOn("pve1", heard), "client");
      });
      it("gets no answer to ARP from the node for its address on the LAN", () => {
        const onLink = mustInside(
          vmid,
          `ip route add ${nodeAddress} dev eth0
          ping -c 1 -W 2 ${nodeAddress} >/dev/null
          ip neigh show ${nodeAddress}
          ip route del ${nodeAddress} dev eth0`,
        );
        assert.match(onLink, /INCOMPLETE|FAILED/);
        assert.doesNotMatch(onLink, /lladdr/);
      });
      it("reaches no service of the node over IPv6", () => {
        const neighbours = mustInside(
          vmid,
          "ping -6 -c 2 -W 1 ff02::1%eth0 | awk '/bytes from/ { print $4 }' | sed 's/:$//' | sort -u",
        );
        assert.match(neighbours, /^fe80::/m, "the other app answers, or this proves nothing");
        const bridgeMac = mustOn("pve1", "cat /sys/class/net/proximity-lan/address");
        assert.doesNotMatch(neighbours, new RegExp(linkLocalOf(bridgeMac)));
        assert.notEqual(
          inside(vmid, `ping -6 -c 1 -W 2 fe80::${linkLocalOf(bridgeMac)}%eth0`).code,
          0,
        );
      });
    });

  describe("the node", () => {
    it("has no address on the bridge, not even link-local", () => {
      assert.equal(mustOn("pve1", "ip -o addr show dev proximity-lan"), "");
      assert.equal(mustOn("pve1", "cat /proc/sys/net/ipv6/conf/proximity-lan/disable_ipv6"), "1");
    });
    it("does not reach the apps either", () => {
      const app = site.apps["nginx-01"]?.address ?? assert.fail();
      assert.equal(get("pve1", `http://${app}/`).status, "000");
    });
  });
});
