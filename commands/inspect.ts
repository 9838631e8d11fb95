/** Shows what one would look at by hand on the node: `inspect STACK`. */
import { main } from "./main";
import { tryOnNode } from "./on-node";
import { readStack } from "./stack";

async function inspect(name: string): Promise<void> {
  const stack = readStack(name);
  const { network, appliance } = stack.site;
  const args = [network.bridge, String(appliance.vmid)];
  const { stdout, stderr } = await tryOnNode(stack, { script: "inspect.sh", args });
  process.stdout.write(`${stdout}${stderr}`);
}

main({
  usage: "inspect STACK",
  options: {},
  positionals: [1, 1],
  run: ({ positionals: [stack = ""] }) => inspect(stack),
});
