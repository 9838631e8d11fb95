/** What the appliance's processes hold in memory. */
import type { World } from "./world";

/** MiB, shared pages counted in part (PSS), by program. */
export type Memory = Readonly<Record<string, number>>;

/** Without the web console, and without what asks. */
export function memoryOf({ inside }: World): Memory {
  const lines = inside(
    "appliance",
    `for process in /proc/[0-9]*; do
      # A process may end meanwhile, and those of the kernel have no memory.
      kib=$(awk '/^Pss:/ { print $2 }' "$process/smaps_rollup" 2>/dev/null) || continue
      [ -z "$kib" ] || printf '%s %s\\n' "$kib" "$(cat "$process/comm")"
    done`,
  );
  const all = lines
    .trim()
    .split("\n")
    .map((line) => ({ kib: Number(line.split(" ")[0]), program: line.split(" ").at(-1) ?? "" }))
    .filter(({ program }) => !/^(cockpit|sh$|cat$|awk$)/.test(program));
  const sum = (program: string) =>
    all.filter((entry) => entry.program === program).reduce((total, { kib }) => total + kib, 0);
  return Object.fromEntries(
    [...new Set(all.map(({ program }) => program))].map((program) => [
      program,
      sum(program) / 1024,
    ]),
  );
}
