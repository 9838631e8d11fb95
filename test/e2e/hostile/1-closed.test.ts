import assert from "node:assert/strict";

import { waitFor } from "../../../lab/world/wait";
import { planned } from "../support/changes";
import { opens, textOf } from "../support/probes";
import { checkout, inside, mustInside, mustOn, on } from "../support/world";
import {
  amount,
  appliance,
  attack,
  client,
  clientAddress,
  evil,
  gateway,
  heardAt,
  leases,
  nodeAddress,
  outsideAddress,
  seed,
  upWithEvil,
  victim,
} from "./support";

/** Nothing of the LAN, the node or the console answers the hostile app, and nothing of it arrives there. */
function isClosed(wan: string): void {
  for (const [address, port] of [
    [wan, 9090],
    [gateway, 9090],
    [clientAddress, 80],
    [nodeAddress, 22],
  ] as const)
    assert.notEqual(inside(evil, opens(address, port)).code, 0, `${address}:${port} answered`);
  for (const [host, address] of [
    [client, clientAddress],
    ["pve1", nodeAddress],
  ] as const) {
    const send = (from: number | string) =>
      `for _ in 1 2 3; do bash -c 'echo ${from} >/dev/udp/${address}/5998'; done`;
    assert.equal(
      heardAt(host, 5998, () => inside(evil, send(evil))),
      0,
      `${host} heard the app`,
    );
    const other = host === client ? "pve1" : client;
    assert.equal(
      heardAt(host, 5998, () => mustOn(other, send(other))),
      3,
      "or this proves nothing",
    );
  }
}

/** The appliance after a restart: its network is up, and it has read its leases. */
async function restart(): Promise<void> {
  mustOn("pve1", `pct stop ${appliance}; pct start ${appliance}`);
  await waitFor("the appliance to be up", 60_000, () => isUp());
}

const isUp = (): boolean =>
  inside(
    appliance,
    "systemctl -q is-active dnsmasq caddy && ip -4 route show default | grep -q via",
  ).code === 0;

const forwards = (): string => mustInside(appliance, "cat /proc/sys/net/ipv4/ip_forward");
const reachesOutside = (vmid: number): boolean =>
  inside(vmid, textOf(outsideAddress, 80)).code === 0;

describe("the isolation", () => {
  let wan: string;

  before(() => {
    wan = upWithEvil().appliance.wanAddress;
  });

  it("stays closed when a guest asks for a lease with another hardware type or length", async () => {
    for (const odd of ["htype=6", "hlen=3", "hlen=8", "hlen=16", "htype=255"])
      assert.equal(attack("dhcp eth0 type=lease", odd), "none", odd);
    assert.match(attack("dhcp eth0 type=lease"), /^10\.20\.0\.\d+$/);
    assert.doesNotMatch(leases(), /^\d+ \w+-/m);
    await restart();
    isClosed(wan);
    await waitFor("the apps to be online", 30_000, () => reachesOutside(victim));
  });

  it("stays closed when the leases hold what nft refuses, as those of an earlier version may", async () => {
    mustInside(
      appliance,
      `systemctl stop dnsmasq
      for mac in 06-02:aa:00:00:00:01 02:aa 02:aa:00:00:00:0z; do
        echo "1899999999 $mac 10.20.0.240 * *" >>/var/lib/misc/dnsmasq.leases
      done
      echo "1899999999 02:aa:00:00:00:02 ${nodeAddress} * *" >>/var/lib/misc/dnsmasq.leases`,
    );
    await restart();
    assert.equal(forwards(), "1");
    isClosed(wan);
    await waitFor("the apps to be online", 30_000, () => reachesOutside(victim));
    assert.deepEqual(planned(), []);
    mustInside(
      appliance,
      "systemctl stop dnsmasq; sed -i /^1899999999/d /var/lib/misc/dnsmasq.leases; systemctl start dnsmasq",
    );
  });

  it("is closed, and forwards nothing, while nft refuses its rules; an update puts them right", async () => {
    mustInside(appliance, "echo 'no such rule' >>/etc/nftables.conf");
    await restart();
    assert.equal(forwards(), "0");
    isClosed(wan);
    assert.equal(reachesOutside(victim), false);
    assert.notEqual(on(client, opens(wan, 9090)).code, 0, "the console is closed too");
    assert.deepEqual(planned(), ["update prox-appliance-services"]);
    checkout().must("make", ["up"]);
    assert.equal(forwards(), "1");
    isClosed(wan);
    await waitFor("the apps to be online", 30_000, () => reachesOutside(victim));
    assert.deepEqual(planned(), []);
  });

  it("is closed by a stop of the filter, and opens with its start", async () => {
    mustInside(appliance, "systemctl stop nftables");
    assert.equal(forwards(), "0");
    isClosed(wan);
    assert.equal(reachesOutside(victim), false);
    assert.deepEqual(planned(), ["update prox-appliance-services"]);
    mustInside(appliance, "systemctl start nftables");
    assert.equal(forwards(), "1");
    await waitFor("the apps to be online", 30_000, () => reachesOutside(victim));
    assert.deepEqual(planned(), []);
  });

  it("repairs rules that are gone, and forwarding without them is a finding", () => {
    mustInside(appliance, "nft flush ruleset");
    assert.deepEqual(planned(), ["update prox-appliance-services"]);
    checkout().must("make", ["up"]);
    isClosed(wan);
  });

  it(`lets no packet out at ${amount(3, 50)} random moments of the appliance's start, reload and leases`, async () => {
    // All that an app would want to get through, without an end.
    mustInside(
      evil,
      `nohup sh -c 'while :; do
        perl /root/attack.pl udp eth0 src=$(cat /sys/class/net/eth0/address) from=$(ip -4 -o addr show eth0 | sed "s/.*inet \\([0-9.]*\\).*/\\1/") to=${clientAddress} dport=5998 count=20
        for address in ${clientAddress} ${nodeAddress}; do bash -c "echo evil >/dev/udp/$address/5998"; done
        timeout 1 bash -c ": <>/dev/tcp/${wan}/9090" && echo open >>/root/opened
        timeout 1 bash -c ": <>/dev/tcp/${gateway}/9090" && echo open >>/root/opened
      done' >/dev/null 2>&1 </dev/null & echo $! >/root/loop.pid`,
    );
    try {
      const heard = heardAt(client, 5998, () => {
        const onNode = heardAt("pve1", 5998, () => {
          const moments = random(seed);
          for (let round = 0; round < amount(3, 50); round++) {
            const wait = () => (moments() * 3).toFixed(2);
            mustOn(
              "pve1",
              `pct stop ${appliance}; pct start ${appliance}; sleep ${wait()}
              pct exec ${appliance} -- sh -c 'systemctl kill -s KILL nftables dnsmasq 2>/dev/null; pkill -KILL proximity-; pkill -KILL nft; :'
              sleep ${wait()}; pct exec ${appliance} -- sh -c 'timeout -s KILL 0.0'${Math.floor(moments() * 9) + 1}' systemctl reload nftables; :'`,
            );
            inside(evil, `perl /root/attack.pl dhcp eth0 type=lease; :`);
          }
        });
        assert.equal(onNode, 0, "packets at the node");
      });
      assert.equal(heard, 0, "packets on the LAN");
      assert.equal(inside(evil, "test -e /root/opened").code, 1, "the console was open");
    } finally {
      mustInside(evil, "kill $(cat /root/loop.pid)");
    }
    await restart();
    isClosed(wan);
    await waitFor("the apps to be online", 30_000, () => reachesOutside(victim));
  });
});

/** Numbers from 0 to 1, the same for a seed (a linear congruence with the figures of Numerical Recipes). */
function random(from: number): () => number {
  let state = from;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
