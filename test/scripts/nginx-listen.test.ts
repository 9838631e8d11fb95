import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runTool } from "../support/nginx";

/** Modules that the tool uses, all of them in Debian's perl-base (dpkg -L perl-base). */
const PERL_BASE = new Set([
  ...["Cwd", "File::Basename", "File::Glob", "File::Temp", "Getopt::Long", "List::Util", "Socket"],
]);

describe("nginx-config-set-listen-all-interfaces", function () {
  this.timeout(60_000);
  let folder: string;
  const path = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(path(name), "utf8");
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text);
    return path(name);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "listen-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const rewritten = (text: string, ports: readonly string[] = []) => {
    const file = write("site", text);
    const flags = ports.flatMap((port) => ["--port", port]);
    const { code, stderr } = runTool([...flags, "--files-only", file]);
    assert.equal(code, 0, stderr);
    return read("site");
  };

  describe("beside nginx", () => {
    let servers: readonly Server[] = [];
    let master: ChildProcess;
    let port: number;
    const site = () => `server { listen 10.0.0.153:${port}; }\n`;
    const open = () => `server { listen ${port}; listen [::]:${port}; }\n`;
    const calls = () => (existsSync(path("calls")) ? read("calls").trim().split("\n") : []);
    const run = (...args: readonly string[]) => runTool(["--port", String(port), ...args], folder);

    /** An nginx that notes its calls, holds the test's own sockets and refuses where it is told to. */
    beforeEach(async () => {
      // What nginx would hold is held by the test: the tool looks at the sockets themselves.
      const hold = async (host: string, number: number) => {
        const server = createServer();
        await new Promise<void>((resolve) =>
          server.listen({ host, port: number, ipv6Only: true }, resolve),
        );
        return server;
      };
      const first = await hold("0.0.0.0", 0);
      port = (first.address() as AddressInfo).port;
      servers = [first, await hold("::", port)];
      master = spawn("sleep", ["60"]);
      write("nginx.pid", `${master.pid}\n`);
      write(
        "nginx",
        `#!/bin/sh
        echo "$*" >>${path("calls")}
        case $1 in
        -t) [ ! -e ${path("refuse")} ] || { echo "nginx: [emerg] no such thing"; exit 1; } ;;
        -T) printf '# configuration file %s:\\npid %s;\\n' ${path("link")} ${path("nginx.pid")} ;;
        esac\n`,
      );
      chmodSync(path("nginx"), 0o755);
      symlinkSync(path("gateway"), path("link"));
    });
    afterEach(() => {
      for (const server of servers) server.close();
      master.kill();
    });

    it("tests and reloads after a change, and neither changes nor reloads again", () => {
      write("gateway", site());
      const first = run(path("link"));
      assert.equal(first.code, 0, first.stderr);
      assert.equal(read("gateway"), open());
      assert.deepEqual(calls(), ["-t", "-T", "-s reload"]);
      const second = run(path("link"));
      assert.deepEqual([second.code, second.stderr, read("gateway")], [0, "", open()]);
      assert.deepEqual(calls().slice(3), ["-t", "-T"]);
    });

    it("follows a link and keeps it, with the file's mode", () => {
      chmodSync(write("gateway", site()), 0o640);
      run(path("link"));
      assert.ok(lstatSync(path("link")).isSymbolicLink());
      assert.equal(statSync(path("gateway")).mode & 0o777, 0o640);
    });

    it("takes a file and a link to it for one", () => {
      write("gateway", site());
      assert.equal(run(path("link"), path("gateway")).code, 0);
      assert.equal(read("gateway"), open());
    });

    it("puts the old file back when nginx refuses, with nginx's words", () => {
      write("gateway", site());
      write("refuse", "");
      const { code, stderr } = run(path("gateway"));
      assert.equal(code, 1);
      assert.match(stderr, /the old files are back:\n.*no such thing/);
      assert.equal(read("gateway"), site());
      assert.deepEqual(calls(), ["-t"]);
    });

    it("only tests while nginx is stopped, and puts the old file back when it refuses", () => {
      write("nginx.pid", "");
      write("gateway", site());
      write("refuse", "");
      assert.equal(run(path("link")).code, 1);
      assert.equal(read("gateway"), site());
      rmSync(path("refuse"));
      const { code, stderr } = run(path("link"));
      assert.deepEqual([code, stderr, read("gateway")], [0, "", open()]);
      assert.deepEqual(calls(), ["-t", "-t", "-T"]);
    });

    it("shows with --dry-run what it would do, does nothing, and ends with 3", () => {
      write("gateway", site());
      const { code, stdout } = run("--dry-run", path("link"));
      assert.equal(code, 3);
      assert.match(stdout, new RegExp(`^-server \\{ listen 10\\.0\\.0\\.153:${port}; \\}$`, "m"));
      assert.match(
        stdout,
        new RegExp(`^\\+server \\{ listen ${port}; listen \\[::\\]:${port}; \\}$`, "m"),
      );
      assert.deepEqual([read("gateway"), calls()], [site(), []]);
      write("gateway", open());
      assert.deepEqual(run("--dry-run", path("link")), { code: 0, stdout: "", stderr: "" });
    });

    it("changes none of several files when one cannot be read", () => {
      write("gateway", site());
      const { code, stderr } = run(path("gateway"), path("nobody"));
      assert.deepEqual([code, read("gateway"), calls()], [2, site(), []]);
      assert.match(stderr, /nobody: there is no such file/);
    });
  });

  for (const [what, text, words] of [
    [
      "a quote that does not end",
      'server {\n  add_header X "a;\n}\n',
      /site:2: a quote is not closed/,
    ],
    ["a block that does not end", "server {\n listen 80;\n", /site:3: a "\}" is missing/],
    ["a brace too many", "server { }\n}\n", /site:2: there is a "\}" too many/],
    [
      "a directive that does not end",
      "server {\n listen 10.0.0.1:443 }\n",
      /site:2: a directive is not ended by ";"/,
    ],
    [
      "two protocols that cannot share a socket",
      "server { listen 10.0.0.1:443 ssl proxy_protocol; }\nserver { listen 10.0.0.2:443 ssl; }\n",
      /site:1 \(10\.0\.0\.1:443\) has proxy_protocol and .*site:2 \(10\.0\.0\.2:443\) has not/,
    ],
    [
      "TLS beside none on one socket",
      "server { listen 443; listen 10.0.0.2:443 ssl; }\n",
      /site:1 \(10\.0\.0\.2:443\) has ssl and .*site:1 \(443\) has not/,
    ],
  ] as const)
    it(`refuses ${what}, says where, and changes nothing`, () => {
      const file = write("site", text);
      const { code, stderr } = runTool(["--files-only", file]);
      assert.deepEqual([code, read("site")], [2, text]);
      assert.match(stderr, words);
    });

  it("passes over Lua, whose braces and quotes follow rules of their own", () => {
    const lua = `content_by_lua_block { local s = "}" -- it's } fine\n local t = [[ } ]] if {} then end }`;
    assert.equal(
      rewritten(`server { listen 10.0.0.153:443; location / { ${lua} } }\n`),
      `server { listen 443; listen [::]:443; location / { ${lua} } }\n`,
    );
  });

  it("takes a snippet that a server includes for the inside of one", () => {
    assert.equal(
      rewritten("listen 10.0.0.153:443 ssl;\nssl_protocols TLSv1.3;\n"),
      "listen 443 ssl;\nlisten [::]:443 ssl;\nssl_protocols TLSv1.3;\n",
    );
  });

  it("needs nothing beyond perl-base", () => {
    const modules = [
      ...readFileSync(
        join(__dirname, "../../scripts/guest/nginx-config-set-listen-all-interfaces"),
        "utf8",
      ).matchAll(/^use ([A-Z][\w:]*)/gm),
    ];
    for (const [, name = ""] of modules) assert.ok(PERL_BASE.has(name), name);
  });
});
