import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { KINDS, type Kind } from "../nginx/kinds";
import { Nginx, runTool, tool } from "../support/nginx";

describe("nginx-config-set-listen-all-interfaces, kind by kind", function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "listen-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string) => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const run = (text: string, beside: Kind["beside"] = {}) => {
    for (const [name, other] of Object.entries(beside)) write(name, other);
    const file = write("site", text);
    const { code, stderr } = runTool(["--files-only", file]);
    for (const [name, other] of Object.entries(beside)) {
      assert.equal(readFileSync(join(folder, name), "utf8"), other);
    }
    return { code, stderr, text: readFileSync(file, "utf8") };
  };

  for (const { name, before, after, beside } of KINDS) {
    if (after instanceof RegExp) {
      it(`refuses ${name}, and changes nothing`, () => {
        const done = run(before, beside);
        assert.deepEqual([done.code, done.text], [2, before]);
        assert.match(done.stderr, after);
      });
      continue;
    }
    it(`does as agreed with ${name}, and nothing more the second time`, () => {
      for (const text of [before, after]) {
        const done = run(text, beside);
        assert.equal(done.code, 0, done.stderr);
        // Not deepEqual: a difference of megabytes takes minutes to print.
        assert.ok(done.text === after, done.text.slice(0, 2000));
      }
    });
  }

  it("leaves the real nginx no server that it ignores only afterwards", () => {
    const own = KINDS.filter(
      ({ foreign, beside }) => foreign === undefined && beside === undefined,
    );
    const texts = own.flatMap(({ name, before, after }) => [
      [`${name}, before`, before] as const,
      ...(typeof after === "string" ? [[`${name}, after`, after] as const] : []),
    ]);
    const nginx = new Nginx();
    const refused = nginx.judge(new Map(texts));
    const ignored = nginx.ignored(new Map(texts));
    nginx.remove();
    for (const { name, after } of own.filter((kind) => typeof kind.after === "string")) {
      if (refused.get(`${name}, before`) !== "")
        assert.fail(`${name}: ${refused.get(`${name}, before`)}`);
      assert.equal(refused.get(`${name}, after`), "", name);
      const [earlier, later] = [ignored.get(`${name}, before`), ignored.get(`${name}, after`)];
      assert.deepEqual(later, earlier, `${name}: ${String(after)}`);
    }
  });

  it("takes 18,000 servers of 5 MB within 10 seconds, on one line as well", () => {
    const site = (at: number) =>
      `server { listen 10.0.0.5:443 ssl; server_name site${at}.example.org; ssl_certificate /etc/ssl/site${at}.pem; ` +
      `location / { proxy_pass http://10.0.1.1:8080; proxy_set_header Host $host; # ${"x".repeat(100)}\n } }`;
    for (const separator of ["\n", " "]) {
      const text = Array.from({ length: 18_000 }, (_, at) => site(at)).join(separator);
      const flat =
        separator === " " ? text.replaceAll(/# x+\n/g, `add_header X ${"x".repeat(60)}; `) : text;
      const file = write("many", `${flat}\n`);
      // Processor time, as the machine may be busy.
      const { status, stdout, stderr } = spawnSync(
        "sh",
        ["-c", '"$@"; code=$?; times; exit $code', "sh", "perl", tool, "--files-only", file],
        { encoding: "utf8" },
      );
      assert.equal(status, 0, stderr);
      const times = [...(stdout.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
      const seconds = times.reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
      assert.equal(times.length, 2, stdout);
      assert.equal(readFileSync(file, "utf8").match(/listen \[::\]:443 ssl;/g)?.length, 18_000);
      assert.ok(seconds < 10, `${seconds} s`);
    }
  });

  it("follows an include of one named file into another, and edits both", () => {
    const snippet = write("lib/listen.conf", "listen 10.0.0.5:443;\n");
    const site = write(
      "site",
      "server { include lib/listen.conf; }\nserver { listen 443; server_name b; }\n",
    );
    const { code, stderr } = runTool(["--files-only", site, snippet]);
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(snippet, "utf8"), "listen 443;\nlisten [::]:443;\n");
  });

  it("edits a snippet that two servers include once, and refuses one that they need differently", () => {
    const snippet = write("lib/listen.conf", "listen 10.0.0.5:443;\n");
    const names = ["a", "b"].map(
      (name) => `server { include lib/listen.conf; server_name ${name}; }\n`,
    );
    const site = write("site", names.join(""));
    const { code, stderr } = runTool(["--files-only", site, snippet]);
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(snippet, "utf8"), "listen 443;\nlisten [::]:443;\n");
    writeFileSync(snippet, "listen 10.0.0.5:443;\n");
    write(
      "site",
      `${names[0] ?? ""}server { listen 443; include lib/listen.conf; server_name b; }\n`,
    );
    const refused = runTool(["--files-only", site, snippet]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /is included by servers that need different listeners/);
    assert.equal(readFileSync(snippet, "utf8"), "listen 10.0.0.5:443;\n");
  });
});
