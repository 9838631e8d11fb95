import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const scripts = join(__dirname, "..", "..", "..", "scripts", "guest");

/** What a person is told of what a program wrote. */
function told(...lines: readonly string[]): string {
  const bundle = mkdtempSync(join(tmpdir(), "last-words-"));
  try {
    copyFileSync(join(scripts, "family", "debian.sh"), join(bundle, "family.sh"));
    const script = `. ${join(scripts, "lib.sh")}; in_sentences`;
    const words = ["-c", script, join(bundle, "some.sh")];
    return execFileSync("sh", words, {
      encoding: "utf8",
      input: `${lines.join("\n")}\n`,
    }).trimEnd();
  } finally {
    rmSync(bundle, { recursive: true });
  }
}

const info = '{"level":"info","ts":1767607200.1,"msg":"using provided configuration"}';
const inUse = "listening on :8080: listen tcp :8080: bind: address already in use";

describe("the words of a service that fails", () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [
      "are the file, the line and the reason when Caddy refuses its file",
      [
        info,
        "Error: adapting config using caddyfile: files/etc/caddy/Caddyfile:12: unrecognized directive: foo",
      ],
      "/etc/caddy/Caddyfile:12: unrecognized directive: foo",
    ],
    [
      "are the reason alone when it does not start",
      [
        "caddy.HomeDir=/var/lib/caddy",
        info,
        `Error: loading initial config: loading new config: http app module: start: ${inUse}`,
        "caddy.service: Main process exited, code=exited, status=1/FAILURE",
      ],
      `http app module: start: ${inUse}`,
    ],
    [
      "are the reason alone when it does not reload",
      [
        `Error: sending configuration to instance: caddy responded with error: HTTP 400: {"error":"loading config: loading new config: http app module: start: ${inUse}"}`,
      ],
      `http app module: start: ${inUse}`,
    ],
    [
      "are the message and the error of what Caddy logs as an error",
      [info, '{"level":"error","ts":1,"logger":"tls","msg":"no certificate","error":"no route"}'],
      "no certificate: no route",
    ],
    [
      "are the last ten lines of any other program, as they are",
      Array.from({ length: 12 }, (_, index) => `line ${index + 1} of "all" {`),
      Array.from({ length: 10 }, (_, index) => `line ${index + 3} of "all" {`).join("\n"),
    ],
  ];
  for (const [what, lines, words] of cases)
    it(what, () => {
      assert.equal(told(...lines), words);
    });
});
