import assert from "node:assert/strict";

import { addressOf, inside, mustInside } from "../support/world";
import { opens } from "../support/probes";
import {
  amount,
  appliance,
  attack,
  attackFrom,
  evil,
  gateway,
  notes,
  outsideAddress,
  seed,
  upWithEvil,
  victim,
} from "./support";

const TXT = 16;
const PTR = 12;
const [IN, CHAOS] = [1, 3];

describe("the resolver", () => {
  before(() => {
    upWithEvil();
  });

  it("names no neighbor by its address", () => {
    for (const vmid of [victim, notes, evil]) {
      const reverse = `${addressOf(vmid).split(".").reverse().join(".")}.in-addr.arpa`;
      const said = attack("ask", gateway, reverse, PTR, IN);
      assert.doesNotMatch(said, /nginx|notes|evil/);
    }
    // An address that nobody has looks the same.
    assert.match(attack("ask", gateway, "201.0.20.10.in-addr.arpa", PTR, IN), /^0 1 .*10-20-0-201/);
    assert.match(attack("ask", gateway, "nginx-01.prox.local", 1, IN), /^0 1 /);
  });

  it("says neither its version nor whom it asks", () => {
    for (const name of ["version.bind", "servers.bind", "authors.bind", "cachesize.bind"]) {
      const said = attack("ask", gateway, name, TXT, CHAOS);
      assert.doesNotMatch(said, /dnsmasq|192\.168|Kelley|\d\.\d\d/, said);
    }
  });

  it("answers the others in time while one app asks 10,000 questions a second", () => {
    mustInside(
      evil,
      `nohup perl /root/attack.pl flood ${gateway} 10000 8 ${seed} >/root/flood.out 2>&1 </dev/null & echo $! >/root/flood.pid`,
    );
    const said = attackFrom(victim, "latency", gateway, "notes.prox.local", 6);
    assert.equal(said, "0 0", "lost, late");
    assert.equal(
      inside(
        evil,
        "n=0; until [ -s /root/flood.out ]; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.1; done",
      ).code,
      0,
    );
    assert.ok(Number(mustInside(evil, "cat /root/flood.out")) > 40_000, "or this proves nothing");
  });

  it("has connections left for the others while one app holds as many as it gets", () => {
    mustInside(
      evil,
      `bash -c 'for n in $(seq 30); do exec {fd}<>/dev/tcp/${gateway}/53 || break; done; sleep 8' >/dev/null 2>&1 </dev/null & sleep 1`,
    );
    assert.equal(inside(victim, opens(gateway, 53)).code, 0);
    const held = mustInside(appliance, "ss -Htn state established sport = :53 | wc -l");
    assert.ok(Number(held) <= 6, `${held} connections`);
  });

  it("keeps NAT for the others while one app opens 50,000 flows", () => {
    mustInside(
      evil,
      `perl -MSocket -e 'socket(my $s, PF_INET, SOCK_DGRAM, 17); send($s, "x", 0, pack_sockaddr_in(1024 + $_ % 60000, inet_aton("${outsideAddress}"))) for 1 .. 50000' || :`,
    );
    const flows = Number(
      mustInside(
        appliance,
        `grep -c 'src=${addressOf(evil)} dst=${outsideAddress}' /proc/net/nf_conntrack || conntrack -C`,
      ),
    );
    assert.ok(flows > 1_000 && flows <= 10_001, `${flows} flows`);
    assert.equal(inside(victim, opens(outsideAddress, 80)).code, 0);
  });

  it(`outlives ${amount(5_000, 100_000)} generated packets`, () => {
    const pid = mustInside(appliance, "pidof dnsmasq | tr ' ' '\\n' | sort -n | head -n 1");
    attack("fuzz dns", gateway, amount(5_000, 100_000), seed);
    assert.equal(mustInside(appliance, "pidof dnsmasq | tr ' ' '\\n' | sort -n | head -n 1"), pid);
    assert.equal(attackFrom(victim, "latency", gateway, "notes.prox.local", 1), "0 0");
  });
});
