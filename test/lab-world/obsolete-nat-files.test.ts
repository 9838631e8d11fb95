/** Files with old rules, as people write them: what goes, what stays, and what is named. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import fc from "fast-check";

import { after as rest, before as whole, type NatCase } from "../nat/case";
import { interfaces } from "../nat/interfaces";
import { nftables } from "../nat/nftables";
import { savedRules } from "../nat/saved-rules";
import { needRoot } from "./support/labs";

const root = join(__dirname, "../..");
const program = join(root, "scripts/node/obsolete-nat/main.pl");
const driver = join(root, "test/nat/driver.sh");

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Runs cases in private namespaces, and asserts on each. */
function check(cases: readonly NatCase[]): void {
  const folder = mkdtempSync(join(tmpdir(), "nat-cases-"));
  try {
    const folders = cases.map((_, index) => join(folder, String(index)));
    cases.forEach(({ files, entries = [] }, index) => {
      const place = join(folder, String(index));
      for (const [name, text] of Object.entries(files)) {
        put(join(place, "before", name), whole(text));
        put(join(place, "expected", name), rest(text));
      }
      const named = entries.length > 0 ? entries : ["10.0.0.153"];
      put(join(place, "entries"), `${named.join("\n")}\n`);
    });
    const { status, stderr } = spawnSync(driver, [program, ...folders], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    cases.forEach((one, index) => {
      judge(one, (name) => readFileSync(join(folder, String(index), name), "utf8"));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function judge(
  { name, files, left = [], alsoGone = [] }: NatCase,
  read: (name: string) => string,
): void {
  for (const [file, text] of Object.entries(files))
    assert.equal(read(`after/${file}`), rest(text), `${name}: ${file}`);
  const expected = read("memory.expected")
    .split("\n")
    .filter((line) => !alsoGone.some((pattern) => pattern.test(line)));
  assert.deepEqual(read("memory.after").split("\n"), expected, `${name}: memory`);
  // What is shown before is what is done, and a second run has only to name what it leaves.
  assert.equal(read("removed"), read("listed"), name);
  const named = read("again").split("\n").slice(0, -1);
  assert.ok(
    named.every((line) => line.startsWith("left: ")),
    `${name}: ${named.join("\n")}`,
  );
  for (const pattern of left)
    assert.ok(
      named.some((line) => pattern.test(line)),
      `${name}: ${String(pattern)} in\n${named.join("\n")}`,
    );
  if (left.length === 0) assert.deepEqual(named, [], name);
}

/** Lines of one dialect, marked where they must go; `frame` makes them a file. */
function generated(
  lines: readonly string[],
  frame: (lines: readonly string[]) => string,
): fc.Arbitrary<string> {
  const port = fc.integer({ min: 1, max: 65_535 }).map(String);
  const guest = fc.constantFrom("153", "15", "154", "53");
  const line = fc
    .tuple(fc.constantFrom(...lines), port, guest, fc.boolean())
    .map(([text, number, last, isLast]) => {
      const full = text.replaceAll("PORT", number).replaceAll("GUEST", `10.0.0.${last}`);
      const obsolete = last === "153" && !text.startsWith("keep ");
      const plain = full.replace(/^keep /, "");
      return { text: plain, obsolete, isLast };
    });
  return fc
    .array(line, { minLength: 1, maxLength: 12 })
    .map((found) =>
      frame(found.map(({ text, obsolete }) => (obsolete ? `⟦${text}\n⟧` : `${text}\n`))),
    );
}

const dialects: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "rules.v4": generated(
    [
      "-A PREROUTING -p tcp -m tcp --dport PORT -j DNAT --to-destination GUEST:PORT",
      "-A PREROUTING -p udp --dport PORT -j DNAT --to GUEST",
      "[7:42] -A POSTROUTING -s GUEST/32 -o vmbr0 -j MASQUERADE",
      '-A POSTROUTING -d GUEST -m comment --comment "port PORT, ! -s 10.0.0.15" -j SNAT --to-source 192.0.2.1',
      "keep -A POSTROUTING ! -s GUEST/32 -o vmbr0 -j MASQUERADE",
      'keep -A PREROUTING -p tcp --dport PORT -m comment --comment "to GUEST" -j DNAT --to 10.0.0.15',
      "keep # GUEST",
      "keep ",
    ],
    (lines) => `*nat\n:PREROUTING ACCEPT [0:0]\n${lines.join("")}COMMIT\n`,
  ),
  interfaces: generated(
    [
      "\tpost-up iptables -t nat -A PREROUTING -p tcp --dport PORT -j DNAT --to GUEST:PORT",
      "\tpost-up iptables -t nat -A PREROUTING -i $IFACE -p tcp --dport PORT \\\n\t\t-j DNAT --to GUEST || true",
      "\tup iptables -t nat -C POSTROUTING -s GUEST -j MASQUERADE || iptables -t nat -A POSTROUTING -s GUEST -j MASQUERADE",
      '\tpost-up sh -c "iptables -t nat -A PREROUTING -p udp --dport PORT -j DNAT --to-destination GUEST" # GUEST',
      "keep \tpost-up iptables -t nat -A POSTROUTING ! -s GUEST -o vmbr0 -j MASQUERADE",
      "keep \t# post-up iptables -t nat -A PREROUTING -j DNAT --to GUEST",
      "keep \tpost-up echo 1 > /proc/sys/net/ipv4/ip_forward",
    ],
    (lines) => `auto vmbr1\niface vmbr1 inet manual\n${lines.join("")}\tbridge-ports none`,
  ),
  "nftables.conf": generated(
    [
      "tcp dport PORT dnat to GUEST:PORT",
      '\t\tiifname "vmbr0" tcp dport { 80, PORT } dnat to GUEST; # PORT',
      "\ttcp dport PORT \\\n\t\tdnat to GUEST",
      "\tudp dport {\n\t\tPORT, # } dnat to\n\t\t7 } dnat to GUEST",
      'keep \ttcp dport PORT dnat to 10.0.0.15 comment "dnat to GUEST; }"',
      "keep \t# tcp dport PORT dnat to GUEST",
      "keep \tip saddr != GUEST tcp dport PORT redirect to PORT",
      "keep ",
    ],
    (lines) =>
      `flush ruleset\ntable inet own {\n\tchain pre {\n\t\ttype nat hook prerouting priority dstnat;\n${lines.join("").replaceAll("dnat to", "dnat ip to")}\t}\n}\n`,
  ),
};

describe("old rules in files", function () {
  this.timeout(300_000);
  before(function () {
    needRoot(this);
  });

  for (const one of [...savedRules, ...interfaces, ...nftables])
    it(one.name, () => {
      check([one]);
    });

  for (const [dialect, files] of Object.entries(dialects))
    it(`generated: ${dialect}`, () => {
      const generated = fc.sample(files, { numRuns: 12, seed: 20261201 });
      check(
        generated.map((text, index) => ({
          name: `${index}:\n${text}`,
          files: { [dialect]: text },
        })),
      );
    });
});
