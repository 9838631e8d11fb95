/** Goes through the checklist on the running stack: `verify STACK [--json] [--only 3,4]`. */
import { wantsGateway } from "../model/placement";
import { report, runChecks, type Check } from "./checks";
import { main } from "./main";
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

interface Flags {
  readonly json: boolean;
  /** Numbers of lines with commas between them; all without it. */
  readonly only?: string | undefined;
}

async function verify(name: string, { json, only }: Flags): Promise<void> {
  const wanted = only === undefined ? [] : only.split(",").map(Number);
  const stack = readStack(name);
  const chosen = linesOf(stack)
    .map((line, index) => ({ ...line, name: `${index + 1}. ${line.name}` }))
    .filter((_, index) => wanted.length === 0 || wanted.includes(index + 1));
  report(await runChecks(chosen, subjectOf(stack)), json);
}

main({
  usage: "verify STACK [--json] [--only 3,4]",
  options: { json: { type: "boolean", default: false }, only: { type: "string" } },
  positionals: [1, 1],
  run: ({ positionals: [stack = ""], flags }) => verify(stack, flags),
});
