/** Updates a stack: `up.ts STACK [pulumi flags]`. Its node may be ahead of Pulumi's state, or behind it. */
import { adviceAfter } from "./advice";
import { unnamedRemovals } from "../model/removal";
import { answer } from "./answer";
import { compareWithNode, say, type Comparison } from "./compare";
import { main } from "./main";
import { followPulumi, type Followed } from "./pulumi";

async function up(stack: string, flags: readonly string[]): Promise<number> {
  const selected = await followPulumi(["stack", "select", "--create", "--stack", stack]);
  const ended = selected.code === 0 ? await update(stack, flags) : selected;
  if (ended.code !== 0) say(`\n${adviceAfter(ended, "up", stack)}`);
  return ended.code ?? 1;
}

async function update(stack: string, flags: readonly string[]): Promise<Followed> {
  const comparison = await compareWithNode(stack);
  const env = { PROXIMITY_LAN_REMOVED: (await askForNames(comparison)).join(" ") };
  const run = () =>
    followPulumi(["up", "--stack", stack, "--yes", "--skip-preview", "--refresh", ...flags], env);
  const ended = await run();
  const unknown = comparison?.unknown ?? [];
  // The provider takes over a container that is there, as it is. What is declared otherwise comes after.
  if (unknown.length === 0 || ended.code === 0 || !ended.output.includes("is not as declared"))
    return ended;
  say(
    `\nContainers ${unknown.join(", ")} are taken over. The update goes on with their settings.\n`,
  );
  return run();
}

/** `NAME=VMID` of each container whose name was typed; the program refuses to destroy any other. */
async function askForNames(comparison: Comparison | undefined): Promise<readonly string[]> {
  if (comparison === undefined) return [];
  const { stack, guests } = comparison;
  const removals = unnamedRemovals(
    stack.site,
    guests.filter(({ own }) => own),
  );
  if (removals.length === 0) return [];
  for (const { vmid, name } of removals)
    say(
      `Container ${vmid} (${name}) is not declared any more. An update destroys it with its disk.`,
    );
  const typed = (await answer("Type the name of each one to destroy, with blanks between: ")).split(
    /\s+/,
  );
  return removals
    .filter(({ name }) => typed.includes(name))
    .map(({ name, vmid }) => `${name}=${vmid}`);
}

main({
  usage: "up STACK [-- PULUMI FLAGS]",
  options: {},
  positionals: [1, 1],
  forPulumi: true,
  run: async ({ positionals: [stack = ""], forPulumi }) => {
    process.exitCode = await up(stack, forPulumi);
  },
});
