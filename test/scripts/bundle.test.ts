import assert from "node:assert/strict";

import fc from "fast-check";

import { parseApp } from "../../model/observed";
import { renderBundle } from "../../render/bundle";
import { deliver, observation } from "./support/deliver";

const one = { path: "files/etc/one", mode: "0644", content: "1\n" };

describe("a bundle on the way to a guest", () => {
  it("arrives byte for byte, whatever is in it", () => {
    const content = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "end\n", "file 0644 3 x\n", "\n\n", "$(reboot)", "no newline", "é✓\n"),
    );
    fc.assert(
      fc.property(fc.array(content, { maxLength: 4 }), (contents) => {
        const files = contents.map((text, i) => ({
          path: `files/etc/with blank ${i}`,
          mode: i % 2 === 0 ? "0600" : "0644",
          // A NUL byte cannot stand in a Pulumi string property.
          content: text.replaceAll("\0", ""),
        }));
        const { result, read, rights, done } = deliver(renderBundle(files));
        assert.equal(result.stderr, "");
        assert.equal(result.status, 0);
        for (const { path, mode, content: text } of files) {
          assert.equal(read(path), text);
          assert.equal(rights(path).slice(0, 10), mode === "0600" ? "-rw-------" : "-rw-r--r--");
        }
        done();
      }),
      { numRuns: 15 },
    );
  }).timeout(60_000);

  it("gets those of the node's scripts that its guest runs, with the functions of its family", () => {
    const { read, list, done } = deliver(renderBundle([one]));
    assert.deepEqual(list(), [
      "./files/etc/one",
      ...["app", "family", "lib", "public"].map((name) => `./scripts/${name}.sh`),
    ]);
    assert.match(read("scripts/family.sh"), /package_manager=apt-get/);
    done();
  });

  it("is refused where the node's scripts are gone, and says how they come back", () => {
    const { result, done } = deliver(renderBundle([one]), { without: "node" });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /there is no \/\S+\/scripts on this node.*pulumi up\n$/);
    done();
  });

  it("starts a guest that does not run", () => {
    const { result, list, calls, done } = deliver(renderBundle([one]), { status: "stopped" });
    assert.equal(result.status, 0, result.stderr);
    assert.match(result.stdout, /^info\t\d+\t.*container 100 was not running; it is started/m);
    assert.equal(calls(), "start 100\n");
    assert.ok(list().includes("./files/etc/one"));
    done();
  });

  it("fails with Proxmox's reason where the guest does not start", () => {
    const { result, done } = deliver(renderBundle([one]), { status: "stopped", start: "never" });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /no such bridge\n.*container 100 does not start \(output above\)/);
    done();
  });

  it("restarts a guest that runs without settings of this program, and for nothing else", () => {
    for (const [pending, calls] of [
      ["memory: 256\n", "reboot 100\n"],
      ["delete: net1,lock\n", "reboot 100\n"],
      ["rootfs: local-lvm:vm-100-disk-0,size=8G\nmp0: /srv,mp=/srv\n", ""],
    ] as const) {
      const conf = `hostname: web\ntags: proximity-lan-dev\n\n[pve:pending]\n${pending}\n[old]\nmemory: 1\n`;
      const delivered = deliver(renderBundle([one]), { conf });
      assert.equal(delivered.result.status, 0, delivered.result.stderr);
      assert.equal(delivered.calls(), calls);
      delivered.done();
    }
  });

  it("is refused for a guest that this stack did not create", () => {
    for (const conf of [
      "hostname: web\n",
      "hostname: web\ntags: mail\n",
      "hostname: web\ntags: proximity-lan-dev2\n",
      // A copy of another guest of this stack, and a snapshot that was its own.
      "#proximity-lan-dev/101/web\nhostname: web\ntags: proximity-lan-dev\n",
      "hostname: web\n[old]\n#proximity-lan-dev/100/web\ntags: proximity-lan-dev\n",
    ]) {
      const { result, conf: kept, done } = deliver(renderBundle([one]), { conf });
      assert.equal(result.status, 1);
      assert.match(
        result.stderr,
        /container 100 is not the one that this stack created.*not touched/,
      );
      assert.equal(kept(), conf);
      done();
    }
  });

  it("marks a guest of an older release as this stack's, once", () => {
    for (const [notes, marked] of [
      ["", "#proximity-lan-dev/100/web\n"],
      ["#Made at noon.\n", "#Made at noon.\n#proximity-lan-dev/100/web\n"],
      ["#proximity-lan-dev/100/older-name\n", "#proximity-lan-dev/100/older-name\n"],
    ] as const) {
      const rest = "hostname: web\ntags: proximity-lan-dev\n";
      const { result, conf, done } = deliver(renderBundle([one]), { conf: `${notes}${rest}` });
      assert.equal(result.status, 0, result.stderr);
      assert.equal(conf(), `${marked}${rest}`);
      done();
    }
  });

  it("is refused when it was cut off", () => {
    const { result, done } = deliver(renderBundle([one]).slice(0, -"end\n".length));
    assert.equal(result.status, 1);
    assert.match(result.stderr, /ends too early/);
    done();
  });
});

describe("what a guest says", () => {
  /** Runs the script with this in the guest, and nothing else about it matters. */
  const said = (does: string, options: { network?: string; limit?: number } = {}) => {
    const { result, environment, done } = deliver(renderBundle([one]), { does, ...options });
    const seen = environment();
    done();
    return { ...result, seen };
  };
  const good = observation("10.20.0.101");

  it("is passed on when it is the observation of its script", () => {
    const { status, stdout, stderr } = said(`echo '${good}'; echo progress >&2`);
    assert.deepEqual([status, stdout, stderr], [0, `${good}\n`, "progress\n"]);
  });

  it("is passed on with the notices that receive.sh prints after it", () => {
    const notice = "info\t1700000000\tapp.sh: the lease could not be released";
    const { status, stdout } = said(`echo '${good}'; echo '${notice}'`);
    assert.deepEqual([status, stdout], [0, `${good}\n${notice}\n`]);
    assert.notEqual(parseApp(stdout), undefined);
  });

  for (const [what, does] of [
    ["a notice without its tabs", `echo '${good}'; echo 'info 1700000000 app.sh: more'`],
    ["garbage", "echo garbage"],
    ["nothing", "true"],
    ["more than its observation", `echo '${good}'; echo more`],
    ["something before it", `echo before; echo '${good}'`],
    ["control characters", `printf '\\033]0;OWNED\\007%s\\n' '${good}'`],
    ["no address", `echo '${observation("10.20.0.999")}'`],
    ["a 60 MB line", "head -c 60000000 /dev/zero | tr '\\0' a"],
  ] as const)
    it(`is an error of that guest when it is ${what}, and is not kept`, () => {
      const { status, stdout, stderr } = said(does);
      assert.notEqual(status, 0);
      assert.equal(stdout, "");
      assert.match(stderr, /^guest\.sh: container 100: app\.sh printed '/m);
      assert.ok(stderr.length < 1000);
      assert.doesNotMatch(stderr, /[^ -~\n]/);
    });

  it("is refused when its address is not in the private network, and believed where nobody knows", () => {
    const elsewhere = observation("192.168.1.10");
    const { status, stderr, stdout } = said(`echo '${elsewhere}'`);
    assert.notEqual(status, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /container 100: .* 192\.168\.1\.10, which is not in 10\.20\.0\.0\/24/);
    assert.equal(said(`echo '${elsewhere}'`, { network: "" }).stdout, `${elsewhere}\n`);
  });

  it("comes without control characters and in valid UTF-8 on stderr, up to a limit", () => {
    const { stderr, status } = said(
      `printf '\\033]0;OWNED\\007\\302\\233 \\377 caf\\303\\251\\n' >&2
      printf 'caf\\303\\251\\n' >&2
      yes aaaaaaaaaaaaaaa | head -c 20000000 >&2; echo '${good}'`,
    );
    assert.equal(status, 0);
    assert.match(stderr, /^\?\]0;OWNED\?\? \? caf\?\?\ncafé\naaa/);
    assert.ok(stderr.length <= 100_000);
  });

  it("has a limit in time, and its guest is named", () => {
    const { status, stderr } = said("exec sleep 30", { limit: 1 });
    assert.notEqual(status, 0);
    assert.match(stderr, /container 100: app\.sh did not end within/);
  });

  it("is asked for without the environment of the operator", () => {
    assert.doesNotMatch(said(`echo '${good}'`).seen, /SSH_|192\.168/);
  });

  it("is an observation or an error, whatever it is", function () {
    this.timeout(3_600_000);
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.constantFrom(
        good,
        `${good}\n`,
        good.replace("true", '"true"'),
        good.slice(1),
        `[${good}]`,
      ),
      fc
        .tuple(fc.nat(good.length), fc.string({ unit: "binary", maxLength: 3 }))
        .map(([at, part]) => good.slice(0, at) + part + good.slice(at + 1)),
    );
    const one = fc.tuple(text, fc.constantFrom("stdout", "stderr"));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 3 }), (parts) => {
        const { status, stdout, stderr } = said(
          parts
            .map(([part, to]) => {
              const bytes = [...Buffer.from(part)]
                .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
                .join("");
              return `printf '${bytes}'${to === "stderr" ? " >&2" : ""}`;
            })
            .join("\n"),
        );

        assert.doesNotMatch(stderr, /[\0-\x08\x0b-\x1f\x7f-\x9f]/);
        if (status !== 0) assert.equal(stdout, "");
        else assert.notEqual(parseApp(stdout.trimEnd()), undefined);
      }),
      { numRuns: process.env["SOAK"] === undefined ? 40 : 2_000 },
    );
  });
}).timeout(60_000);
