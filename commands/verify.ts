/** Goes through the checklist on the running stack: `verify.ts STACK [--json] [--only 3,4]`. */
import { report, runChecks } from "./checks";
import { readStack } from "./stack";
import { platinumLines } from "./verify/platinum";
import { subjectOf } from "./verify/subject";

/** Every line, numbered from 1; another checklist is another list here. */
const lines = [...platinumLines];

async function main(): Promise<void> {
  const [name = "dev", ...flags] = process.argv.slice(2);
  const at = flags.indexOf("--only");
  const wanted = at < 0 ? [] : (flags[at + 1] ?? "").split(",").map(Number);
  const chosen = lines
    .map((line, index) => ({ ...line, name: `${index + 1}. ${line.name}` }))
    .filter((_, index) => wanted.length === 0 || wanted.includes(index + 1));
  report(await runChecks(chosen, subjectOf(readStack(name))), flags.includes("--json"));
}

main().catch((error: unknown) => {
  process.stderr.write(`verify: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
