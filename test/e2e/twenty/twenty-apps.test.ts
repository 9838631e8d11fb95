import assert from "node:assert/strict";

import { bootOf, planned } from "../support/changes";
import {
  addressOf,
  checkout,
  initialState,
  mustInside,
  mustOn,
  nodeState,
  on,
  outputs,
} from "../support/world";

const names = Array.from({ length: 20 }, (_, index) => `app-${String(index + 1).padStart(2, "0")}`);
const vmidOf = (name: string) => 200 + names.indexOf(name);
const second = names.filter((_, index) => index % 2 === 1);

/** An app that serves its own name, without anything to install. */
function declare(name: string): Record<string, unknown> {
  const unit = [
    "[Service]",
    "ExecStart=/usr/bin/perl /srv/answer.pl",
    "Restart=on-failure",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
  const answer = [
    "use IO::Socket::INET;",
    "my $door = IO::Socket::INET->new(LocalPort => 8000, Listen => 20, ReuseAddr => 1) or die $!;",
    "while (my $guest = $door->accept) {",
    "  while (my $line = <$guest>) { last if $line =~ /^\\r?\\n$/ }",
    `  print $guest "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n${name}\\n";`,
    "  close $guest;",
    "}",
    "",
  ].join("\n");
  return {
    vmid: vmidOf(name),
    port: 8000,
    disk: 1,
    files: {
      "/srv/answer.pl": { content: answer },
      "/etc/systemd/system/answer.service": { content: unit },
    },
    services: ["answer"],
  };
}

/** Every path of the proxy, asked by one shell on the LAN client: `name status body`. */
function answers(): readonly string[] {
  const wan = outputs().appliance.wanAddress;
  const asks = names
    .map(
      (name) => `printf '%s ' ${name}; curl -s -m 5 -w ' %{http_code}\\n' http://${wan}/${name}/`,
    )
    .join("\n");
  return on("lan-client", asks)
    .stdout.trim()
    .replaceAll(/\s*\n (\d+)/g, " $1")
    .split("\n");
}

/** Looks at the node's SSH sessions twice a second, for at most ten minutes, until it is stopped. */
const sessions = {
  start: () => {
    mustOn(
      "pve1",
      `rm -f /run/sessions /run/sessions.stop
      setsid -f timeout 600 sh -c '
        until [ -e /run/sessions.stop ]; do
          ps -eo pid=,ppid=,args= | awk "
            \\$3 == \\"sshd:\\" && \\$4 ~ /^root@/ { session[\\$1] = 1 }
            { children[\\$2]++ }
            END { for (pid in session) printf \\"%s:%d \\", pid, children[pid]; print \\"\\" }
          " >>/run/sessions
          sleep 0.5
        done' >/dev/null 2>&1 </dev/null`,
    );
  },
  /** In how many looks in a row each session ran nothing. */
  stop: (): readonly number[] => {
    const idle = new Map<string, { now: number; most: number }>();
    for (const look of mustOn("pve1", "touch /run/sessions.stop; cat /run/sessions").split("\n"))
      for (const session of look.trim().split(" ")) {
        const [pid = "", children] = session.split(":");
        if (pid === "") continue;
        const { now, most } = idle.get(pid) ?? { now: 0, most: 0 };
        const next = children === "0" ? now + 1 : 0;
        idle.set(pid, { now: next, most: Math.max(most, next) });
      }
    return [...idle.values()].map(({ most }) => most);
  },
};

describe("twenty apps", () => {
  let idleLooks: readonly number[];

  before(() => {
    checkout().edit(({ config }) => {
      config["proximity-lan:site"].apps = Object.fromEntries(
        names.map((name) => [name, declare(name)]),
      );
    });
    checkout().must("lab/lab", ["up"]);
    sessions.start();
    checkout().must("make", ["up"]);
    idleLooks = sessions.stop();
  });

  // docs/adr/0008-official-plugins.md: the plugin itself keeps each session until the update ends.
  it("leave no SSH session on the node that has nothing left to run", () => {
    assert.ok(idleLooks.length > names.length, `only ${idleLooks.length} sessions were seen`);
    // A client has five seconds to close its session; twice that is allowed for a busy machine.
    assert.ok(Math.max(...idleLooks) <= 20, `idle for so many looks: ${idleLooks.join(" ")}`);
  });

  it("all answer under their paths, each as itself", () => {
    assert.deepEqual(
      answers(),
      names.map((name) => `${name} ${name} 200`),
    );
  });

  it("have different addresses of the pool, which are those in the containers and in the names", () => {
    const { apps } = outputs();
    const addresses = names.map((name) => apps[name]?.address ?? assert.fail(name));
    assert.equal(new Set(addresses).size, names.length);
    for (const address of addresses) assert.match(address, /^10\.20\.0\.(1\d\d|2[0-4]\d|250)$/);
    assert.deepEqual(
      names.map((name) => addressOf(vmidOf(name))),
      addresses,
    );
    const known = mustInside(
      100,
      `for n in ${names.join(" ")}; do getent ahostsv4 $n.prox.local | awk 'NR == 1 { print $1 }'; done`,
    );
    assert.deepEqual(known.split("\n"), addresses);
  });

  it("change nothing when brought up again", () => {
    assert.deepEqual(planned(), []);
  });

  it("go by half, and the other half does not notice", () => {
    const kept = names.filter((name) => !second.includes(name));
    const boots = kept.map((name) => bootOf(vmidOf(name)));
    checkout().edit(({ config }) => {
      const site = config["proximity-lan:site"];
      for (const name of second) Reflect.deleteProperty(site.apps, name);
      site["removed"] = Object.fromEntries(second.map((name) => [name, vmidOf(name)]));
    });
    checkout().must("make", ["up"]);
    assert.deepEqual(
      kept.map((name) => bootOf(vmidOf(name))),
      boots,
    );
    assert.deepEqual(Object.keys(outputs().apps), kept);
    assert.deepEqual(
      answers().map((line) => line.replace(/ .* /, " ")),
      names.map((name) => `${name} ${kept.includes(name) ? "200" : "404"}`),
    );
  });

  it("leave nothing behind", () => {
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
