import assert from "node:assert/strict";

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
} from "./support/world";

const gateway = "10.20.0.1";
const client = "lan-client";
const clientAddress = "192.168.1.50";
const nodeAddress = "192.168.1.10";
const outside = "198.51.100.10";

describe("the site", () => {
  let site: Outputs;
  let wan: string;

  before(() => {
    checkout().must("make", ["up"]);
    site = outputs();
    wan = site.appliance.wanAddress;
  });

  it("tells addresses that were observed", () => {
    assert.equal(site.mode, "platinum");
    assert.equal(site.appliance.lanAddress, gateway);
    assert.match(wan, /^192\.168\.1\.1\d\d$/);
    assert.equal(addressOf(100), wan);
    assert.equal(site.apps["notes"]?.address, "10.20.0.20");
    assert.equal(site.apps["nginx-01"]?.listening, true);
  });

  describe("from the LAN", () => {
    for (const port of ["", ":8080"]) {
      it(`shows nginx under its path on port ${port || "80"}`, () => {
        const { status, body } = get(client, `http://${wan}${port}/nginx-01/`);
        assert.equal(status, "200");
        assert.match(body, /Welcome to nginx/);
      });
      it(`shows nginx under its name on port ${port || "80"}`, () => {
        const { status, body } = get(
          client,
          `http://${wan}${port}/`,
          "-H",
          "'Host: nginx-01.prox.local'",
        );
        assert.equal(status, "200");
        assert.match(body, /Welcome to nginx/);
      });
      it(`answers 404 to unknown names and paths on port ${port || "80"}`, () => {
        assert.equal(get(client, `http://${wan}${port}/nobody/`).status, "404");
        assert.equal(get(client, `http://${wan}${port}/`).status, "404");
        assert.equal(
          get(client, `http://${wan}${port}/`, "-H", "'Host: nobody.prox.local'").status,
          "404",
        );
        assert.equal(
          get(client, `http://${wan}${port}/nginx-01/`, "-H", "'Host: nobody.prox.local'").status,
          "404",
        );
      });
    }
    it("shows the second app, whose own port is 8000", () => {
      assert.match(get(client, `http://${wan}:8080/notes/`).body, /Served by notes/);
    });
    it("leads a path without its slash to the one with it", () => {
      assert.equal(get(client, `http://${wan}:8080/notes`).status, "308");
    });
    it("shows Cockpit's login page", () => {
      assert.match(get(client, site.consoleUrl).body, /id="login"/);
    });
    it("reaches nothing else of the appliance, and no app directly", () => {
      for (const port of [22, 53, 2019])
        assert.equal(get(client, `http://${wan}:${port}/`).status, "000", `port ${port}`);
      const app = site.apps["nginx-01"]?.address ?? assert.fail();
      assert.notEqual(
        on(
          client,
          `ip route replace 10.20.0.0/24 via ${wan} && curl -s -m 3 http://${app}/; rc=$?; ip route del 10.20.0.0/24; exit $rc`,
        ).code,
        0,
      );
    });
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
        assert.equal(mustInside(vmid, fetch(outside, 80)).trim(), wan);
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
        const sent = inside(
          vmid,
          `ip route add ${nodeAddress} dev eth0
          ip neigh replace ${nodeAddress} lladdr ${mac} dev eth0
          ${opens(nodeAddress, 22)}; answered=$?
          ip neigh del ${nodeAddress} dev eth0
          ip route del ${nodeAddress} dev eth0
          exit $answered`,
        );
        assert.notEqual(sent.code, 0);
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
          "ping -6 -c 2 -W 1 ff02::1%eth0 | awk '/bytes from/ { print $4 }' | tr -d : | sort -u; true",
        );
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

  it("opens to this machine's loopback where make up says", () => {
    const urls =
      checkout()
        .must("make", ["up"])
        .match(/https?:\/\/127\.0\.0\.1:\d+\/\S*/g) ?? [];
    const page = (part: string) => {
      const url = urls.find((one) => one.includes(part)) ?? assert.fail(urls.join());
      return checkout().must("curl", ["-sSk", "-m", "10", url]);
    };
    assert.match(page("/nginx-01/"), /Welcome to nginx/);
    assert.match(page("/notes/"), /Served by notes/);
    assert.match(page("https://"), /id="login"/);
  });

  it("does not change when it is brought up again", () => {
    const { code, stdout } = checkout().pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
    );
    assert.equal(code, 0, stdout);
    assert.match(checkout().must("make", ["up"]), /\d+ unchanged/);
    assert.match(checkout().must("make", ["preview"]), /\d+ unchanged/);
  });

  it("keeps key and token out of the state in the clear", () => {
    const state = checkout().read(".state/.pulumi/stacks/proximity-lan/dev.json");
    const key = checkout().read("lab/keys/client").split("\n")[1] ?? assert.fail();
    const token = /apiToken: \S+=(\S+)/.exec(checkout().read("Pulumi.dev.yaml"))?.[1];
    assert.ok(token !== undefined && key.length > 20);
    assert.ok(state.includes("ciphertext"), "the connection must be there, encrypted");
    assert.ok(!state.includes(key) && !state.includes(token));
  });

  it("shows no drift", () => {
    const { code, stdout } = checkout().pulumi("preview", "--refresh", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });
});

/** Succeeds when something accepts a TCP connection within 4 s. */
function opens(address: string, port: number): string {
  return `timeout 4 bash -c ': <>/dev/tcp/${address}/${port}'`;
}

/** A TCP fetch that needs nothing but bash in the guest; fails when nothing answers in 4 s. */
function fetch(address: string, port: number): string {
  return `timeout 4 bash -c 'exec 3<>/dev/tcp/${address}/${port}; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; sed "1,/^\\r*\$/d" <&3'`;
}

/** The interface identifier that a MAC would give, RFC 4291 appendix A. */
function linkLocalOf(mac: string): string {
  const bytes = mac.split(":").map((pair) => parseInt(pair, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const hex = (high: number, low: number) => (high * 256 + low).toString(16);
  return [hex(a ^ 2, b), hex(c, 0xff), hex(0xfe, d), hex(e, f)].join(":");
}
