import assert from "node:assert/strict";

import { served } from "../support/services";
import {
  checkout,
  get,
  initialState,
  mustInside,
  mustOn,
  nodeState,
  outputs,
  site,
} from "../support/world";

const appliance = 100;
const fault = (...words: readonly string[]) => checkout().must("lab/lab", ["fault", ...words]);

/** A way in which the appliance does not come up: what breaks, what mends, and what a person reads. */
interface Breakage {
  readonly name: string;
  readonly breaks: () => void;
  readonly mends: () => void;
  readonly says: RegExp;
}

const clear = () => {
  fault("clear");
};

/** A guest of somebody else under the appliance's VMID. */
const foreign = "/etc/pve/nodes/pve1/lxc/100.conf";

/** Before it is there, in the order in which they stop its making. */
const beforeItIsThere: readonly Breakage[] = [
  {
    name: "a VMID that somebody else's guest has",
    breaks: () =>
      mustOn(
        "pve1",
        `printf 'arch: amd64\\nhostname: mail\\nmemory: 64\\nostype: debian\\n' >${foreign}`,
      ),
    mends: () => mustOn("pve1", `rm ${foreign}`),
    says: /100 is taken by "mail" on pve1/,
  },
  {
    name: "a template that the node does not have",
    breaks: () => {
      site((whole) => (whole["template"] = "local:vztmpl/debian-99-standard_99.0-1_amd64.tar.zst"));
    },
    mends: () => {
      site(
        (whole) => (whole["template"] = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst"),
      );
    },
    says: /debian-99-standard/,
  },
  {
    name: "a node whose SSH does not answer",
    breaks: () => fault("service", "pve1/sshd", "down"),
    mends: clear,
    says: /SSH/,
  },
  {
    name: "a storage without room for it",
    breaks: () => fault("storage", "pve1/local-lvm", "size", "0.1"),
    mends: clear,
    says: /No space left on device|free space in thin pool/,
  },
  {
    name: "an API that refuses to create it",
    breaks: () => fault("request", "POST /nodes/*/lxc", "status", "500", "got no worker upid"),
    mends: clear,
    says: /got no worker upid/,
  },
  {
    name: "a LAN whose DHCP is silent",
    breaks: () => fault("port", "router/udp:67", "silent"),
    mends: clear,
    says: /DHCP/,
  },
  {
    name: "package mirrors that do not answer",
    breaks: () => fault("service", "outside/packages", "down"),
    mends: clear,
    says: /packages|mirror/,
  },
];

/** On the one that runs, at the next change. */
const onceItRuns: readonly Breakage[] = [
  {
    name: "a port that somebody else has taken",
    breaks: () =>
      mustInside(
        appliance,
        "systemctl stop caddy; systemd-run -q --unit squatter perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 1, ReuseAddr => 1) or die; sleep 600'; n=0; until systemctl -q is-active squatter && ss -Hltn 'sport = :8080' | grep -q .; do n=$((n + 1)); [ $n -lt 50 ] || exit 1; sleep 0.1; done",
      ),
    mends: () => mustInside(appliance, "systemctl stop squatter"),
    says: /8080.*in use/,
  },
  {
    name: "a disk without a free block",
    breaks: () => fault("disk", String(appliance), "full"),
    mends: clear,
    says: /No space left/,
  },
  {
    name: "a resolver whose configuration somebody broke",
    breaks: () => {
      mustInside(appliance, "echo nonsense >/etc/dnsmasq.d/mine.conf");
      // Not among the lists that are read anew without a look at the rest: it restarts.
      site((whole) => (whole["network"] = { dhcp: { leaseHours: 6 } }));
    },
    mends: () => mustInside(appliance, "rm /etc/dnsmasq.d/mine.conf"),
    says: /mine\.conf/,
  },
];

/** `make up`, which must fail: what it says, without colours. */
function failing(): string {
  const { code, stdout, stderr } = checkout().run("make", ["up"]);
  assert.notEqual(code, 0, stdout);
  return `${stdout}${stderr}`;
}

function fails({ name, breaks, mends, says }: Breakage): void {
  it(`${name}: the cause and what to do are told`, () => {
    breaks();
    try {
      const said = failing();
      assert.match(said, says);
      // In words: no line of a daemon's log as it was written for programs.
      assert.doesNotMatch(said, /"level":/);
      assert.match(said, /make doctor STACK=dev/);
    } finally {
      mends();
    }
  });
}

describe("the ways in which the appliance breaks", () => {
  it("are ten", () => {
    const names = [...beforeItIsThere, ...onceItRuns].map(({ name }) => name);
    assert.equal(new Set(names).size, 10);
  });
});

describe("an appliance that cannot be made", () => {
  before(() => {
    site((whole) => (whole["apps"] = { target: { vmid: 102, ...served() } }));
  });

  for (const breakage of beforeItIsThere) fails(breakage);

  it("stands after all that by the next update, and nothing else is on the node", () => {
    checkout().must("make", ["up"]);
    assert.equal(mustOn("pve1", "pct list | awk 'NR > 1 { print $1 }' | xargs"), "100 102");
    assert.equal(get("lan-client", outputs().apps["target"]?.url ?? "").status, "200");
  });
});

describe("an appliance that breaks", () => {
  let port = 8100;
  beforeEach(() => {
    // A change of the proxy and of the resolver, so that both are loaded anew.
    port += 1;
    site((whole) => {
      whole["network"] = {
        dns: { records: { [`printer-${port}`]: "192.168.1.60" } },
        upstreamDns: ["192.168.1.1"],
      };
      whole["apps"] = {
        target: {
          vmid: 102,
          ...served(),
          proxy: { headers: { request: { set: { "X-Port": String(port) } } } },
        },
      };
    });
  });

  for (const breakage of onceItRuns) fails(breakage);

  it("is healed by the next update", () => {
    checkout().must("make", ["up"]);
    assert.equal(get("lan-client", outputs().apps["target"]?.url ?? "").status, "200");
    checkout().must("make", ["verify"]);
  });

  it("leaves nothing behind in the end", () => {
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
