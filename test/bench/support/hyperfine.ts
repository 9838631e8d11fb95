/** Whole commands, timed by hyperfine. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

/** A command and what it is called in a report; it is run without a shell and must end with 0. */
export interface Command {
  readonly name: string;
  readonly folder: string;
  readonly words: readonly string[];
}

/** What a command took in each round, in milliseconds of the clock and of all processors together. */
export interface Times {
  readonly wall: readonly number[];
  readonly processor: readonly number[];
}

const Export = z.object({
  results: z.array(z.object({ times: z.array(z.number()), user: z.number(), system: z.number() })),
});

/**
 * Runs every command once a round, so that a busy moment of the machine falls on all of them alike and
 * what counts, the ratio of two within a round, holds. Rejects with hyperfine's words when one fails.
 */
export async function measure(
  commands: readonly Command[],
  rounds: number,
  options: { readonly env?: NodeJS.ProcessEnv; readonly progress?: (line: string) => void } = {},
): Promise<ReadonlyMap<string, Times>> {
  const wall = new Map(commands.map(({ name }): [string, number[]] => [name, []]));
  const processor = new Map(commands.map(({ name }): [string, number[]] => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    options.progress?.(`round ${round} of ${rounds}`);
    const seen = await once(commands, options.env ?? process.env);
    for (const [index, { name }] of commands.entries()) {
      const { times, user, system } = seen[index] ?? { times: [], user: NaN, system: NaN };
      wall.get(name)?.push((times[0] ?? NaN) * 1000);
      processor.get(name)?.push((user + system) * 1000);
    }
  }
  return new Map(
    commands.map(({ name }) => [
      name,
      { wall: wall.get(name) ?? [], processor: processor.get(name) ?? [] },
    ]),
  );
}

async function once(commands: readonly Command[], env: NodeJS.ProcessEnv) {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const file = join(folder, "times.json");
    const flags = ["--runs=1", "--shell=none", "--show-output"];
    const quoted = commands.map((command) =>
      ["env", "-C", command.folder, ...command.words].map((word) => `'${word}'`).join(" "),
    );
    await must("hyperfine", [...flags, `--export-json=${file}`, ...quoted], env);
    return Export.parse(JSON.parse(readFileSync(file, "utf8"))).results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Not spawnSync: what is measured may ask a server in this process. */
async function must(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  const collect = (part: Buffer) => (words = (words + part.toString("utf8")).slice(-4000));
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code ?? "a signal"}: ${words}`);
}
