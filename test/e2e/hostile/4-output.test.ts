import assert from "node:assert/strict";

import { planned } from "../support/changes";
import { checkout, inside, mustInside, mustOn, outputs } from "../support/world";
import { evil, nodeAddress, upWithEvil } from "./support";

/** In place of the app's shell, which runs what this program sends. What others ask of it, it answers. */
const shell = `#!/bin/bash
if [ "$3" = receive ] && [ -e /root/mode ]; then . /root/mode; fi
exec -a sh /usr/bin/dash "$@"
`;

/** Has the app's shell do this for one script, or nothing more. */
function behave(script: string, does: string): void {
  mustInside(
    evil,
    `cat >/root/mode <<'MODE'
case $4 in ${script})
  ls -l /proc/$$/fd >/root/files; tr '\\0' '\\n' </proc/$$/environ >/root/environment
  ${does} ;;
esac
MODE`,
  );
}

/** A change of the app's declaration, so that its script runs. */
function edit(): void {
  checkout().edit(({ config }) => {
    const app = config["proximity-lan:site"].apps["evil"] as { files: Record<string, unknown> };
    app.files["/srv/version"] = { content: `${++version}\n` };
  });
}
let version = 0;

describe("what a guest says", () => {
  let address: string;

  before(() => {
    address = upWithEvil().apps["evil"]?.address ?? assert.fail();
    mustInside(
      evil,
      `cat >/usr/bin/sh.new <<'SH'\n${shell}SH\nchmod 755 /usr/bin/sh.new; mv /usr/bin/sh.new /usr/bin/sh`,
    );
  });
  after(() => {
    inside(evil, "ln -sf dash /usr/bin/sh; rm -f /root/mode");
  });

  for (const [what, does, error] of [
    ["garbage", "echo garbage; exit 0", /container 103: app\.sh printed 'garbage'/],
    ["60 MB", "yes aaaaaaaa | head -c 60000000; exit 0", /container 103: app\.sh printed 'aaaa/],
    [
      "the address of the node",
      `echo '{"address":"${nodeAddress}","listening":true,"publicAddress":"","publicMac":""}'; exit 0`,
      /container 103: app\.sh says that its address is 192\.168\.1\.10, which is not in 10\.20\.0\.0\/24/,
    ],
  ] as const)
    it(`is an error of that guest when it is ${what}, and the next update is as any other`, () => {
      edit();
      behave("app.sh", `printf '\\033]0;OWNED\\007\\033[2J\\n' >&2; ${does}`);
      const { code, stdout, stderr } = checkout().run("make", ["up"]);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, error);
      assert.doesNotMatch(stdout + stderr, /\u001b\]0;OWNED|\u001b\[2J/);
      assert.match(stdout + stderr, /\?\]0;OWNED/, "or this proves nothing");
      assert.equal(outputs().apps["evil"]?.address, address);
      mustInside(evil, "rm /root/mode");
      checkout().must("make", ["up"]);
      assert.deepEqual(planned(), []);
    });

  it("costs the node little when a drift check is answered with 300 MB, on stdout and stderr", () => {
    behave(
      "look.sh",
      `printf 'held\\tSECURITY: run this on the node\\n'; yes bbbbbbbb | head -c 300000000 >&2; yes aaaaaaaa | head -c 300000000; exit 0`,
    );
    const free = () => Number(mustOn("pve1", "df -kP /run | awk 'NR == 2 { print $4 }'"));
    const before = free();
    mustOn(
      "pve1",
      `nohup sh -c 'while sleep 0.2; do awk "/^Name:/ { name = \\$2 } /^VmRSS:/ && name == \\"bash\\" { print \\$2 }" /proc/[0-9]*/status 2>/dev/null | sort -n | tail -n 1 >>/run/largest; df -kP /run | tail -n 1 >>/run/free; done' >/dev/null 2>&1 </dev/null & echo $! >/run/largest.pid`,
    );
    const largest = () => Number(mustOn("pve1", "sort -n /run/largest | tail -n 1"));
    const { code, stdout, stderr } = checkout().pulumi("preview");
    mustOn("pve1", "kill $(cat /run/largest.pid)");
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /SECURITY/);
    assert.ok(largest() > 1_000 && largest() < 50_000, `${largest()} KiB in a shell of the node`);
    const least = Number(mustOn("pve1", "awk '{ print $4 }' /run/free | sort -n | head -n 1"));
    assert.ok(before - least < 5_000, `${before - least} KiB of /run`);
    mustOn("pve1", "rm /run/largest /run/free /run/largest.pid");
    // What the guest has open of the node is pipes alone, and nothing in its environment is the operator's.
    assert.doesNotMatch(
      mustInside(evil, "grep -v '/dev/null' /root/files"),
      /-> \/(?!root|proc|dev|usr)/,
    );
    assert.match(mustInside(evil, "cat /root/environment"), /^PATH=/m);
    assert.doesNotMatch(mustInside(evil, "cat /root/environment"), /SSH_|192\.168/);
    mustInside(evil, "rm /root/mode");
    assert.deepEqual(planned(), []);
  });
});
