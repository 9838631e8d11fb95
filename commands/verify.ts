/** Goes through the checklist on the running stack: `verify.ts STACK [--json] [--only 3,4]`. */
import { wantsGateway } from "../model/placement";
import { report, runChecks, type Check } from "./checks";
import { readStack, type Stack } from "./stack";
import { platinumLines } from "./verify/platinum";
import { publicLines } from "./verify/public";
import { askNode } from "./verify/public-view";
import { subjectOf, type Subject } from "./verify/subject";

/** Every line of a stack, numbered from 1: of its private network, and of guests on the LAN. */
function linesOf(stack: Stack): readonly Check<Subject>[] {
  return [
    ...(wantsGateway(stack.site) ? platinumLines : []),
    ...publicLines(stack.site, askNode(stack)),
  ];
}

async function main(): Promise<void> {
  const [name = "dev", ...flags] = process.argv.slice(2);
  const at = flags.indexOf("--only");
  const wanted = at < 0 ? [] : (flags[at + 1] ?? "").split(",").map(Number);
  const stack = readStack(name);
  const chosen = linesOf(stack)
    .map((line, index) => ({ ...line, name: `${index + 1}. ${line.name}` }))
    .filter((_, index) => wanted.length === 0 || wanted.includes(index + 1));
  report(await runChecks(chosen, subjectOf(stack)), flags.includes("--json"));
}

main().catch((error: unknown) => {
  process.stderr.write(`verify: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
