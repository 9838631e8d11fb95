import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import { cases, Nginx, runTool } from "../support/nginx";

describe("the files of nginx-config-set-listen-all-interfaces", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "listen-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (text: string, ports: readonly string[] = []) => {
    const file = join(folder, "site");
    writeFileSync(file, text);
    const flags = ports.flatMap((port) => ["--port", port]);
    const { code, stderr } = runTool([...flags, "--files-only", file]);
    return { code, stderr, text: readFileSync(file, "utf8") };
  };

  describe("on the corpus", () => {
    for (const { name, before, after, ports } of cases())
      it(`does as agreed with ${name}, and nothing more the second time`, () => {
        for (const text of [before, after]) {
          const done = run(text, ports);
          assert.deepEqual([done.code, done.text], [0, after], done.stderr);
        }
      });

    it("has at least 60 configurations", () => {
      assert.ok(cases().length >= 60);
    });
  });

  describe("as the real nginx sees it", () => {
    let said: ReadonlyMap<string, string>;
    // Debian 12's nginx is older than QUIC and says so.
    const foreign = (text: string) => text.includes("# needs: http_v3_module");

    before(() => {
      const nginx = new Nginx();
      const files = cases().flatMap(({ name, before, after }) => [
        [`${name}, before`, before] as const,
        [`${name}, after`, after] as const,
      ]);
      said = nginx.judge(
        new Map([...files, ["broken", "server { listen 10.0.0.1:443 nonsense; }"]]),
      );
      nginx.remove();
    });

    for (const { name, before } of cases())
      it(`${name} is accepted before and after${foreign(before) ? " but for its QUIC" : ""}`, () => {
        for (const when of ["before", "after"]) {
          const words = said.get(`${name}, ${when}`);
          if (foreign(before)) assert.match(words ?? "", /invalid parameter "quic"/);
          else assert.equal(words, "");
        }
      });

    it("a broken one is refused, so that the lines above mean something", () => {
      assert.match(said.get("broken") ?? "", /invalid parameter "nonsense"/);
    });
  });

  describe("on any configuration", () => {
    const address = fc.constantFrom("10.0.0.153", "192.168.1.153", "[fd00:10::153]", "*", "[::]");
    const port = fc.constantFrom(":443", ":443", ":443", ":80", ":8443");
    const flags = fc.subarray(["ssl", "http2", "default_server", "reuseport", "backlog=64"]);
    const end = fc.constantFrom("\n", " # why\n", "   \n", " ", "\r\n", "\n\n");
    const listen = fc
      .tuple(fc.constantFrom("    ", "\t", ""), address, port, flags, end)
      .map(([indent, host, number, words, tail]) =>
        [`${indent}listen ${host}${number}`, ...words].join(" ").concat(";", tail),
      );
    const other = fc.constantFrom(
      "    server_name a.example.org;\n",
      "    # listen 10.0.0.153:443; not this one }\n",
      '    add_header X "} listen 10.0.0.153:443; {";\n',
      "    location / { return 200 '{'; }\n",
      "    listen unix:/run/x.sock;\n",
    );
    const server = fc
      .array(fc.oneof({ weight: 2, arbitrary: listen }, other), { maxLength: 6 })
      .map((lines) => `server {\n${lines.join("")}\n}\n`);
    const file = fc.array(server, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
    const apply = (text: string) => {
      const done = run(text);
      // Listeners that cannot share a socket are refused; then nothing may have changed.
      if (done.code !== 0) assert.deepEqual([done.code, done.text], [2, text]);
      return done.text;
    };

    it("changes nothing the second time", () => {
      fc.assert(
        fc.property(file, (text) => {
          const once = apply(text);
          assert.equal(apply(once), once);
        }),
        { numRuns: 50 },
      );
    });

    it("keeps every line without an address byte for byte, in order", () => {
      // A twin can only join its listener on a line that holds more than that.
      const shared = /listen \*:443[^;]*;.*;|;.*listen \*:443/;
      const named = /10\.0\.0\.153:443|192\.168\.1\.153:443|fd00:10::153\]:443/;
      fc.assert(
        fc.property(file, (text) => {
          const after = apply(text).split("\n");
          let at = 0;
          // A listener that is open takes the word over when that server was the default one of an address.
          const leads = /153\]?:443[^;]*default_server/.test(text);
          const open = /listen (?:\*|\[::\]):443/;
          const kept = (line: string) =>
            !named.test(line) && !shared.test(line) && !(leads && open.test(line));
          for (const line of text.split("\n").filter(kept)) {
            at = after.indexOf(line, at) + 1;
            assert.notEqual(at, 0, `gone or moved: ${JSON.stringify(line)}`);
          }
        }),
        { numRuns: 50 },
      );
    });

    it("leaves no listener of the port with an address outside strings and comments", () => {
      fc.assert(
        fc.property(fc.array(listen, { minLength: 1, maxLength: 4 }), (lines) => {
          const text = `server {\n${lines.join("")}}\n`;
          const after = apply(text);
          if (after !== text) assert.doesNotMatch(after.replace(/#.*$/gm, ""), /153\]?:443/);
        }),
        { numRuns: 30 },
      );
    });
  });
});
