/** How long `make test` takes in a fresh clone with everything cached, and which suites take it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ownEnv } from "../support/own-env";
import { measure } from "./support/hyperfine";
import { load, machine, QUIET_LOAD } from "./support/machine";
import type { Section } from "./support/report";
import { suitesOf, totalOf, type Suite } from "./support/suites";

/** Minutes that all of it may take. */
const LIMIT = 12;
const PROJECT = join(__dirname, "..", "..");

/** Measures; once, since it is long: what varies is seen in the suites that stand side by side. */
export async function tests(_rounds: number, progress: (line: string) => void): Promise<Section> {
  const before = load();
  const place = mkdtempSync(join(tmpdir(), "bench-tests-"));
  const folder = join(place, "clone");
  try {
    execFileSync("git", ["clone", "--quiet", PROJECT, folder]);
    // Test data that is not part of the project; tests that need it are skipped where it is absent.
    const data = join(PROJECT, "..", "shared");
    if (existsSync(data)) symlinkSync(data, join(place, "shared"));
    const words = ["bash", "-c", "make test >all.log 2>&1 || { tail -n 40 all.log; exit 1; }"];
    progress("make test, which takes 10 minutes (all.log in the clone has its lines)");
    const times = await measure([{ name: "make test", folder, words }], 1, { env: ownEnv() });
    const log = readFileSync(join(folder, "all.log"), "utf8");
    return section(times.get("make test")?.wall[0] ?? NaN, suitesOf(log), totalOf(log), before);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function section(ms: number, suites: readonly Suite[], total: string, before: number): Section {
  const busy = suites.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    name: "tests",
    title: "`make test`",
    text: `In a fresh clone, with npm's, Go's and the lab's caches filled: ${total}. Two suites with a lab run in parallel, and one without a lab.`,
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: before > QUIET_LOAD ? [`the machine had a load of ${before.toFixed(1)} before.`] : [],
    targets: [
      {
        what: "all of `make test`",
        target: `${LIMIT} min`,
        measured: `${(ms / 60_000).toFixed(1)} min`,
        met: ms <= LIMIT * 60_000,
      },
    ],
    tables: [
      {
        title: "Seconds by suite",
        columns: ["", "seconds", "share in %"],
        rows: suites.map(({ name, seconds }) => [
          name,
          String(seconds),
          ((100 * seconds) / busy).toFixed(0),
        ]),
      },
    ],
    charts: [],
    notes: [],
  };
}
