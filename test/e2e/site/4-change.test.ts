import assert from "node:assert/strict";

import { bootOf, planned } from "../support/changes";
import {
  addressOf,
  checkout,
  get,
  inside,
  mustInside,
  mustOn,
  on,
  outputs,
} from "../support/world";

const guests = [100, 101, 102];

describe("a third app", () => {
  before(() => {
    checkout().edit(({ config }) => {
      config["proximity-lan:site"].apps["hello"] = {
        vmid: 103,
        port: 8000,
        packages: ["busybox"],
        files: {
          "/srv/www/index.html": { content: "hello from the third app\n" },
          "/etc/systemd/system/hello.service": {
            content:
              "[Service]\nExecStart=/usr/bin/busybox httpd -f -p 8000 -h /srv/www\n\n[Install]\nWantedBy=multi-user.target\n",
          },
        },
        services: ["hello"],
      };
    });
  });

  it("shows only its container and the two commands it needs", () => {
    assert.deepEqual(planned(), [
      "create hello",
      "create hello",
      "create hello-setup",
      "update prox-appliance-services",
    ]);
  });

  it("answers after the update, while no request to the others was lost and no guest restarted", () => {
    const wan = outputs().appliance.wanAddress;
    const boots = guests.map(bootOf);
    const caddy = mustInside(
      100,
      "systemctl show -p MainPID --value caddy; systemctl show -p MainPID --value dnsmasq",
    );
    mustOn(
      "lan-client",
      `rm -f /tmp/stop /tmp/codes
      (n=0; while [ ! -e /tmp/stop ] && [ $n -lt 20000 ]; do
        n=$((n + 1)); curl -s -o /dev/null -m 5 -w '%{http_code}\\n' http://${wan}:8080/nginx-01/
      done >/tmp/codes 2>&1) >/dev/null 2>&1 </dev/null &`,
    );
    checkout().must("make", ["up"]);
    const counts = mustOn(
      "lan-client",
      "touch /tmp/stop; sort /tmp/codes | uniq -c | awk '{ print $2, $1 }'",
    );
    assert.match(counts, /^200 \d+$/, `every request must have been answered 200: ${counts}`);
    assert.ok(Number(counts.split(" ")[1]) > 50, counts);
    assert.deepEqual(guests.map(bootOf), boots);
    assert.equal(
      mustInside(
        100,
        "systemctl show -p MainPID --value caddy; systemctl show -p MainPID --value dnsmasq",
      ),
      caddy,
    );
    assert.match(get("lan-client", `http://${wan}:8080/hello/`).body, /hello from the third app/);
  });
});

describe("a container that is made again", () => {
  it("is set up again, and keeps its address", () => {
    const { mac, address } = outputs().apps["hello"] ?? assert.fail();
    const boots = guests.map(bootOf);
    const { code, stdout } = checkout().pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--replace",
      "**$**ContainerLegacy::hello",
    );
    assert.equal(code, 0, stdout);
    assert.match(stdout, /hello-setup (replaced|created)/);
    const again = outputs().apps["hello"] ?? assert.fail();
    assert.deepEqual({ mac: again.mac, address: again.address }, { mac, address });
    const wan = outputs().appliance.wanAddress;
    assert.match(get("lan-client", `http://${wan}:8080/hello/`).body, /hello from the third app/);
    assert.deepEqual(guests.map(bootOf), boots);
  });
});

describe("a container that vanished from the node", () => {
  it("is made and set up again by the next update that looks, and keeps its address", () => {
    const { address } = outputs().apps["hello"] ?? assert.fail();
    // It gives nothing back: the lease of the one that is gone goes on.
    mustOn("pve1", "pct destroy 103 --force");
    const { code, stdout } = checkout().pulumi("up", "--yes", "--skip-preview", "--refresh");
    assert.equal(code, 0, stdout);
    assert.equal(outputs().apps["hello"]?.address, address);
    const wan = outputs().appliance.wanAddress;
    assert.match(get("lan-client", `http://${wan}:8080/hello/`).body, /hello from the third app/);
  });
});

describe("a reservation made later", () => {
  it("is taken at once, and told", () => {
    checkout().edit(({ config }) => {
      Object.assign(config["proximity-lan:site"].apps["hello"] ?? {}, { address: "10.20.0.33" });
    });
    checkout().must("make", ["up"]);
    assert.equal(outputs().apps["hello"]?.address, "10.20.0.33");
    assert.equal(addressOf(103), "10.20.0.33");
    const wan = outputs().appliance.wanAddress;
    assert.match(get("lan-client", `http://${wan}:8080/hello/`).body, /hello from the third app/);
  });
});

describe("a configuration that a daemon refuses", () => {
  it("leaves the old one in force and says the daemon's words", () => {
    // The guest's own checker is made to refuse, as a newer release might.
    mustInside(
      100,
      "printf '#!/bin/sh\\necho the checker refuses >&2; exit 1\\n' >/usr/local/bin/caddy && chmod 755 /usr/local/bin/caddy",
    );
    const sum = mustInside(100, "sha256sum /etc/caddy/Caddyfile /etc/proximity/dhcp-hosts");
    checkout().edit(({ config }) => {
      Object.assign(config["proximity-lan:site"].apps["hello"] ?? {}, { port: 8001 });
    });
    const { code, stdout } = checkout().pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /caddy refuses its configuration: the checker refuses/);
    assert.equal(mustInside(100, "sha256sum /etc/caddy/Caddyfile /etc/proximity/dhcp-hosts"), sum);
    assert.equal(
      get("lan-client", `http://${outputs().appliance.wanAddress}:8080/nginx-01/`).status,
      "200",
    );
    assert.equal(inside(100, "rm /usr/local/bin/caddy").code, 0);
    checkout().edit(({ config }) => {
      Object.assign(config["proximity-lan:site"].apps["hello"] ?? {}, { port: 8000 });
    });
    checkout().must("make", ["up"]);
  });
});

describe("an update that dies between placing a file and loading it", () => {
  it("is finished by the next one", () => {
    const good = checkout().read("Pulumi.dev.yaml");
    const shim = "/usr/local/bin/systemctl";
    mustInside(
      100,
      `printf '#!/bin/sh\\n[ "$1" != reload ] || { kill -9 $PPID; exit 1; }\\nexec /usr/bin/systemctl "$@"\\n' >${shim}; chmod 755 ${shim}`,
    );
    checkout().edit(({ config }) => {
      config["proximity-lan:site"].apps["bare"] = { vmid: 104 };
    });
    assert.notEqual(checkout().pulumi("up", "--yes", "--skip-preview").code, 0);
    mustInside(100, `grep -q bare /etc/caddy/Caddyfile && rm ${shim}`);
    checkout().must("make", ["up"]);
    const { appliance, apps } = outputs();
    // The proxy knows the path, and nothing listens behind it.
    assert.equal(get("lan-client", `http://${appliance.wanAddress}:8080/bare/`).status, "502");
    assert.equal(apps["bare"]?.listening, false);
    checkout().write("Pulumi.dev.yaml", good);
    // Its name is typed.
    checkout().must("make", ["up"], "bare\n");
  });
});

describe("an app that is renamed and keeps its VMID", () => {
  const rename = (from: string, to: string) => {
    checkout().edit(({ config }) => {
      const { apps } = config["proximity-lan:site"];
      apps[to] = apps[from] ?? assert.fail(from);
      Reflect.deleteProperty(apps, from);
    });
    checkout().must("make", ["up"]);
  };

  it("keeps its container with its data, and answers under its new name", () => {
    mustInside(102, "echo precious >/root/kept");
    const others = [100, 101].map(bootOf);
    const created = mustOn("pve1", "grep Created /etc/pve/lxc/102.conf");
    for (const [from, to] of [
      ["notes", "pages"],
      ["pages", "notes"],
    ] as const) {
      rename(from, to);
      assert.equal(mustInside(102, "cat /root/kept; hostname"), `precious\n${to}`);
      assert.equal(mustOn("pve1", "grep Created /etc/pve/lxc/102.conf"), created);
      assert.equal(get("lan-client", outputs().apps[to]?.url ?? "").status, "200");
      assert.deepEqual(planned("--refresh"), []);
    }
    assert.deepEqual([100, 101].map(bootOf), others);
  });
});

describe("an app taken out", () => {
  it("is not destroyed before its name is given, by either command", () => {
    const good = checkout().read("Pulumi.dev.yaml");
    checkout().edit(({ config }) => {
      delete config["proximity-lan:site"].apps["hello"];
    });
    const plain = checkout().pulumi("up", "--yes", "--skip-preview");
    const mistyped = checkout().run("make", ["up"], "helo\n");
    for (const { code, stdout } of [plain, mistyped]) {
      assert.notEqual(code, 0);
      assert.match(stdout, /Container 103 \(hello\) is not declared any more/);
    }
    checkout().write("Pulumi.dev.yaml", good);
    assert.equal(mustOn("pve1", "pct status 103"), "status: running");
  });

  it("goes alone, with its path", () => {
    const wan = outputs().appliance.wanAddress;
    const boots = guests.map(bootOf);
    checkout().edit(({ config }) => {
      const site = config["proximity-lan:site"];
      delete site.apps["hello"];
      site["removed"] = { hello: 103 };
    });
    checkout().must("make", ["up"]);
    assert.equal(on("pve1", "pct status 103").code === 0, false);
    assert.equal(get("lan-client", `http://${wan}:8080/hello/`).status, "404");
    assert.deepEqual(guests.map(bootOf), boots);
  });
});
