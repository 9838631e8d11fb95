import assert from "node:assert/strict";

import { assertPublished } from "../../support/outputs-schema";
import {
  appliance,
  asker,
  declareServices,
  password,
  target,
  targetAddress,
} from "../support/services";
import {
  checkout,
  get,
  inside,
  mustInside,
  mustOn,
  on,
  outputs,
  type Outputs,
} from "../support/world";

const client = "lan-client";
const gateway = "10.20.0.1";

describe("the services of the appliance", () => {
  let site: Outputs;
  let wan: string;

  before(() => {
    declareServices();
    checkout().must("make", ["up"]);
    site = outputs();
    wan = site.appliance.wanAddress;
  });

  it("are told as the published schema promises, forwards among them", () => {
    assertPublished(site);
    assert.ok(Object.keys(site.forwards ?? {}).length > 0);
  });
  it("change nothing when they are declared again", () => {
    const { code, stdout } = checkout().pulumi("preview", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  describe("names", () => {
    const lookUp = (...words: readonly string[]) => mustOn(client, `dig +short ${words.join(" ")}`);
    const asked = (name: string, type = "a") =>
      mustInside(
        asker,
        `host -t ${type} ${name} ${gateway} | sed -n 's/.* \\(has address\\|domain name pointer\\) //p' | sort`,
      );
    it("are answered for records, bare and with the domain, and a public name as it is inside", () => {
      assert.equal(asked("printer.prox.local"), "192.168.1.60");
      assert.equal(
        mustInside(asker, "getent ahostsv4 printer | awk '{ print $1; exit }'"),
        "192.168.1.60",
      );
      assert.equal(asked("outside.example.net"), "192.168.1.61");
      assert.equal(lookUp("outside.example.net"), "198.51.100.10");
    });
    it("are answered for a wildcard, and of another type not at all", () => {
      for (const name of ["thinkheads.ai", "any.thinkheads.ai", "a.b.thinkheads.ai"])
        assert.equal(asked(name), gateway);
      assert.match(
        inside(asker, `host -t aaaa any.thinkheads.ai ${gateway}`).stdout,
        /has no AAAA record/,
      );
    });
    it("are asked of the resolver declared for their domain, which may name private addresses", () => {
      assert.equal(asked("router.lan.example.net"), "192.168.1.1");
    });
    it("point back from the addresses of guests, and say nothing of who has them", () => {
      const address = site.apps["asker"]?.address ?? assert.fail();
      for (const one of [address, targetAddress])
        assert.equal(asked(one, "ptr"), `${one.replaceAll(".", "-")}.guest.prox.local.`);
      assert.match(inside(asker, `host 10.20.0.9 ${gateway}`).stdout, /NXDOMAIN/);
    });
    it("are not given to a guest that calls itself like an app", () => {
      mustInside(
        asker,
        `ip link add link eth0 name fake0 type macvlan mode bridge; ip link set fake0 up
        printf 'send host-name "target";\\n' >/run/fake.conf
        timeout 20 dhclient -1 -sf /bin/true -cf /run/fake.conf -lf /run/fake.leases -pf /run/fake.pid fake0; ip link del fake0`,
      );
      assert.match(mustInside(asker, "cat /run/fake.leases"), /fixed-address 10\.20\.0\./);
      assert.equal(asked("target.prox.local"), targetAddress);
    });
    it("come with the declared options", () => {
      const leases = mustInside(asker, "cat /var/lib/dhcp/dhclient*.leases");
      assert.match(leases, /option interface-mtu 1400;/);
      assert.match(leases, /option domain-search "prox\.local\.";/);
      assert.match(mustInside(asker, "ip link show eth0"), /mtu 1400/);
      assert.match(mustInside(appliance, "ip link show eth1"), /mtu 1400/);
    });
  });

  describe("forwarded ports", () => {
    const url = () => `http://${wan}:8800/`;
    it("lead to the app from the LAN, the outside, an app and the appliance itself", () => {
      assert.equal(get(client, url()).status, "200");
      assert.match(
        mustInside(
          asker,
          `bash -c 'exec 3<>/dev/tcp/${wan}/8800; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; head -n 1 <&3'`,
        ),
        / 200 /,
      );
      assert.match(mustInside(appliance, `curl -s -o /dev/null -w '%{http_code}' ${url()}`), /200/);
    });
    it("take only the declared networks", () => {
      mustInside(
        target,
        "for p in 8810 8812; do perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => shift, Listen => 5); fork and exit; close STDOUT; close STDERR; $SIG{ALRM} = sub { exit }; alarm 60; while ($c = $s->accept) { print $c \"here\\n\"; close $c }' $p; done",
      );
      for (const port of [8810, 8812]) {
        assert.match(
          on("outside", `timeout 4 bash -c 'cat </dev/tcp/${wan}/${port}'`).stdout,
          /here/,
        );
        assert.notEqual(on(client, `timeout 4 bash -c ': <>/dev/tcp/${wan}/${port}'`).code, 0);
      }
    });
    it("carry UDP, both ways", () => {
      mustInside(
        target,
        'perl -MIO::Socket::INET -e \'$s = IO::Socket::INET->new(LocalPort => 8820, Proto => "udp"); fork and exit; close STDOUT; close STDERR; $SIG{ALRM} = sub { exit }; alarm 60; while ($s->recv($m, 99)) { $s->send("echo $m") }\'',
      );
      assert.equal(mustOn(client, `echo hi | timeout 4 socat -t 2 - UDP:${wan}:8820`), "echo hi");
    });
  });

  describe("the console", () => {
    const login = (user: string, secret: string) =>
      get(client, `https://${wan}:9090/cockpit/login`, "-u", `${user}:${secret}`);
    it("lets its user in, and nobody else", () => {
      assert.equal(login("keeper", password).status, "200");
      assert.equal(login("keeper", "wrong").status, "401");
      assert.equal(login("nobody-here", password).status, "401");
      assert.match(mustInside(appliance, "id -nG keeper"), /sudo/);
    });
    it("has its password in no argument, plain state or output", () => {
      assert.doesNotMatch(
        checkout().must("toolchain/pulumi", ["stack", "export", "--stack", "dev"]),
        /lab-pass/,
      );
      assert.notEqual(inside(appliance, "grep -rlF lab-pass /etc /run /var/lib/proximity").code, 0);
    });
  });
});
