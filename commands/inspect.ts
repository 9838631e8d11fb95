/** Shows what a person would look at by hand on the node: `inspect.ts STACK`. */
import { tryOnNode } from "./on-node";
import { readStack } from "./stack";

async function main(): Promise<void> {
  const stack = readStack(process.argv[2] ?? "dev");
  const { network, appliance } = stack.site;
  const args = [network.bridge, String(appliance.vmid)];
  const { stdout, stderr } = await tryOnNode(stack, { script: "inspect.sh", args });
  process.stdout.write(`${stdout}${stderr}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`inspect: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
