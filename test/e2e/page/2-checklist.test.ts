import assert from "node:assert/strict";

import { checkout, inside, mustInside, mustOn } from "../support/world";

interface Told {
  readonly name: string;
  readonly verdict: string;
  readonly seen: string;
}

/** The lines of the checklist, or the ones that are asked for. */
function lines(...only: readonly number[]): readonly Told[] {
  const flags = only.length === 0 ? [] : ["--only", only.join()];
  const words = ["tsx", "commands/verify.ts", "dev", "--json", ...flags];
  return JSON.parse(checkout().run("npx", words).stdout) as readonly Told[];
}

/** Waits for the probe to have seen it. */
const seen = (pattern: string) =>
  `n=0; until grep -q '${pattern}' /run/proximity/status.json; do n=$((n + 1)); [ $n -lt 200 ]; sleep 0.1; done`;
const well = seen('"health_status": "healthy"');

/** The proxy with another configuration than the one that lies in its place. */
const proxyWith = (change: string) =>
  `sed '${change}' /etc/caddy/Caddyfile >/root/Caddyfile; caddy reload --force --config /root/Caddyfile --adapter caddyfile`;

/** Changes a file of the copy for a while. */
function rewritten(path: string, from: RegExp, to: string): readonly [() => void, () => void] {
  let text = "";
  return [
    () => {
      text = checkout().read(path);
      const changed = text.replace(from, to);
      assert.notEqual(changed, text, `${path} has no ${from.source}`);
      checkout().write(path, changed);
    },
    () => {
      checkout().write(path, text);
    },
  ];
}

const inAppliance = (breaks: string, mends: string): readonly [() => void, () => void] => [
  () => mustInside(100, breaks),
  () => mustInside(100, mends),
];

const nic = "/etc/pve/nodes/pve1/lxc/101.conf";

/** What each line is about, how that is broken and mended again, and what the line then says. */
const subjects: readonly (readonly [
  subject: string,
  breaksAndMends: readonly [() => void, () => void],
  says: RegExp,
])[] = [
  [
    "a declaration that cannot be",
    rewritten("Pulumi.dev.yaml", /debian-12-standard_12\.12/, "debian-12-standard_12.99"),
    /debian-12-standard_12\.99/,
  ],
  [
    "a placed file that is gone",
    inAppliance(
      `mv /etc/caddy/Caddyfile /root/; ${seen('"missing"')}`,
      `mv /root/Caddyfile /etc/caddy/; ${well}`,
    ),
    /\/etc\/caddy\/Caddyfile is missing/,
  ],
  [
    "an address of the node on the bridge",
    [
      () => mustOn("pve1", "ip address add 10.20.0.9/24 dev proximity-lan"),
      () => mustOn("pve1", "ip address del 10.20.0.9/24 dev proximity-lan"),
    ],
    /the node has 10\.20\.0\.9\/24 on proximity-lan/,
  ],
  [
    "an appliance that is off",
    [
      () => mustOn("pve1", "pct stop 100"),
      () => {
        mustOn("pve1", "pct start 100");
        mustInside(100, well);
      },
    ],
    /container 100 is stopped/,
  ],
  [
    "a console that does not listen",
    inAppliance(
      `systemctl stop cockpit.socket; ${seen("nothing listens on port 9090")}`,
      `systemctl start cockpit.socket; ${well}`,
    ),
    /cockpit: nothing listens on port 9090/,
  ],
  [
    "an app on another bridge",
    [
      () =>
        mustOn(
          "pve1",
          `cp ${nic} /root/101; sed 's/bridge=proximity-lan/bridge=vmbr0/' /root/101 >${nic}`,
        ),
      () => mustOn("pve1", `cat /root/101 >${nic}`),
    ],
    /nginx-01 is on vmbr0/,
  ],
  [
    "leases that are lost",
    inAppliance(
      `cp /var/lib/misc/dnsmasq.leases /root/; : >/var/lib/misc/dnsmasq.leases; ${seen('"leases": \\[\\]')}`,
      `cp /root/dnsmasq.leases /var/lib/misc/; ${well}`,
    ),
    /nginx-01 has no lease; notes has no lease/,
  ],
  [
    "a resolver that is down",
    inAppliance("systemctl stop dnsmasq", `systemctl start dnsmasq; ${well}`),
    /nginx-01\.prox\.local/,
  ],
  [
    "a proxy without the apps' names",
    inAppliance(
      proxyWith("s/http:\\/\\/nginx-01\\.prox\\.local/http:\\/\\/gone.prox.local/g"),
      "systemctl reload caddy",
    ),
    /^nginx-01 404$/,
  ],
  [
    "a proxy without the apps' paths",
    inAppliance(proxyWith("s/\\/notes/\\/gone/g"), "systemctl reload caddy"),
    /^notes 404$/,
  ],
  [
    "a status that is not healthy",
    [
      () => {
        mustInside(101, "systemctl stop nginx");
        mustInside(100, seen('"health_status": "degraded"'));
      },
      () => {
        mustInside(101, "systemctl start nginx");
        mustInside(100, well);
      },
    ],
    /it says degraded: nginx-01: /,
  ],
  [
    "a program that keeps an empty network",
    rewritten("index.ts", /plan\.hasGateway \? build\(\) : undefined/, "build()"),
    /the bridge would not be removed; the appliance would not go/,
  ],
  [
    "a program that makes no bridge of that name",
    rewritten("index.ts", /new Bridge\(site\.network\.bridge/, 'new Bridge("other"'),
    /no bridge would be made/,
  ],
];

describe("the checklist of the network appliance", () => {
  before(() => {
    checkout().must("make", ["up"]);
    mustInside(100, well);
  });

  it("has a subject to break here for each of its lines", () => {
    assert.equal(lines(...subjects.map((_, index) => index + 1)).length, 13);
  });

  for (const [index, [subject, [breaks, mends], says]] of subjects.entries())
    it(`line ${index + 1} is red with ${subject}`, () => {
      breaks();
      try {
        const [line] = lines(index + 1);
        assert.equal(line?.verdict, "failed", JSON.stringify(line));
        assert.match(line.seen, says);
      } finally {
        mends();
      }
    });

  it("is green again in all thirteen lines once all is mended", () => {
    const told = lines();
    assert.equal(told.length, 13);
    assert.deepEqual(
      told.filter(({ verdict }) => verdict !== "ok"),
      [],
    );
  });
});

describe("cleanup", () => {
  it("removes nothing without the word", () => {
    const { code, stdout } = checkout().run("make", ["cleanup"], "no\n");
    assert.notEqual(code, 0);
    assert.match(stdout, /container 100 prox-appliance, running, WITH ITS DISK/);
    assert.equal(inside(102, "true").code, 0);
  });

  it("removes what is the stack's with it, and nothing else", () => {
    const mail = "arch: amd64\\nhostname: mail\\nmemory: 64\\nostype: debian\\ntags: other\\n";
    mustOn("pve1", `printf '${mail}' >/etc/pve/nodes/pve1/lxc/150.conf`);
    checkout().must("make", ["cleanup"], "dev\n");
    assert.equal(mustOn("pve1", "pct list | awk 'NR > 1 { print $1 }'"), "150");
    assert.equal(
      mustOn("pve1", "ls -d /sys/class/net/proximity-lan 2>/dev/null || echo gone"),
      "gone",
    );
    assert.equal(mustOn("pve1", "ls /usr/local/lib | grep proximity-lan || echo gone"), "gone");
    mustOn("pve1", "rm /etc/pve/nodes/pve1/lxc/150.conf");
  });
});
