/** The status from the operator's side: `status.ts STACK [--json] [--watch]`; 0 only when all is well. */
import { mergeStatus } from "./status/merge";
import { toText } from "./status/text";
import { lookAtNode } from "./status/view";
import { readStack } from "./stack";

async function main(): Promise<void> {
  const [name = "dev", ...flags] = process.argv.slice(2);
  const stack = readStack(name);
  const json = flags.includes("--json");
  const look = async () => {
    const status = mergeStatus(stack.site, await lookAtNode(stack));
    process.exitCode = status.health_status === "healthy" ? 0 : 1;
    return json ? `${JSON.stringify(status, null, 2)}\n` : toText(status);
  };
  if (!flags.includes("--watch")) {
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

main().catch((error: unknown) => {
  process.stderr.write(`status: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
