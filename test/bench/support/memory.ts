/** How much memory the processes take that a benchmark starts. */
import { readdirSync, readFileSync } from "node:fs";

/** The largest use of all processes together, in MiB, and what each program had of it. */
export interface Peak {
  readonly total: number;
  readonly programs: ReadonlyMap<string, number>;
}

/** How often it is looked, in milliseconds. */
const EVERY = 500;

/** Looks while the work goes on at all processes below this one; what two of them share counts once. */
export async function peakDuring(work: () => Promise<void>): Promise<Peak> {
  let peak: Peak = { total: 0, programs: new Map() };
  const timer = setInterval(() => {
    const programs = use(process.pid);
    const total = [...programs.values()].reduce((sum, value) => sum + value, 0);
    if (total > peak.total) peak = { total, programs };
  }, EVERY);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

function use(parent: number): Map<string, number> {
  const programs = new Map<string, number>();
  for (const pid of below(parent)) {
    const [name, size] = [read(`/proc/${pid}/comm`).trim(), read(`/proc/${pid}/smaps_rollup`)];
    const kib = Number(/^Pss:\s+(\d+) kB$/m.exec(size)?.[1] ?? 0);
    programs.set(name, (programs.get(name) ?? 0) + kib / 1024);
  }
  return programs;
}

/** Each thread has the children that it started. */
function below(parent: number): readonly number[] {
  const threads = list(`/proc/${parent}/task`);
  const children = threads.flatMap((thread) =>
    read(`/proc/${parent}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
  return children.flatMap((pid) => [pid, ...below(pid)]);
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the process ended meanwhile
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // the process ended meanwhile
  }
}
