/** The status from the operator's side: `status STACK [--json] [--watch]`; 0 only when all is well. */
import { main } from "./main";
import { mergeStatus } from "./status/merge";
import { toText } from "./status/text";
import { lookAtNode } from "./status/view";
import { readStack } from "./stack";

interface Flags {
  readonly json: boolean;
  readonly watch: boolean;
}

async function show(name: string, { json, watch }: Flags): Promise<void> {
  const stack = readStack(name);
  const look = async () => {
    const status = mergeStatus(stack.site, await lookAtNode(stack));
    process.exitCode = status.health_status === "healthy" ? 0 : 1;
    return json ? `${JSON.stringify(status, null, 2)}\n` : toText(status);
  };
  if (!watch) {
    process.stdout.write(await look());
    return;
  }
  for (;;) {
    // Cleared only when the next picture is there.
    const picture = await look();
    process.stdout.write(json ? picture : `\u001b[2J\u001b[H${picture}`);
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

main({
  usage: "status STACK [--json] [--watch]",
  options: {
    json: { type: "boolean", default: false },
    watch: { type: "boolean", default: false },
  },
  positionals: [1, 1],
  run: ({ positionals: [stack = ""], flags }) => show(stack, flags),
});
