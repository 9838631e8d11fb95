/**
 * Takes a stack's things off the node when Pulumi's state is lost: `cleanup STACK`. It shows what
 * carries the stack's tag, and removes it only when the stack's name is typed on stdin.
 */
import { isApiBridgeName } from "../model/net";
import { scriptsFolder } from "../render/call";
import { answer } from "./answer";
import { main } from "./main";
import { runOnNode } from "./on-node";
import { readStack, type Stack } from "./stack";
import { lookAtNode } from "./status/view";

async function cleanUp(stackName: string): Promise<void> {
  const stack = readStack(stackName);
  const { bridge } = stack.site.network;
  const folder = scriptsFolder(stack.tag);
  const view = await lookAtNode(stack);
  const guests = view.guests.filter(({ ours }) => ours);
  if (guests.length === 0 && !view.bridge.exists) {
    say(
      `nothing on ${stack.site.node.name} carries the tag ${stack.tag}, and there is no ${bridge}`,
    );
    return;
  }
  say(`on ${stack.site.node.name}, this would be removed:`);
  for (const { vmid, name, state } of guests)
    say(`  container ${vmid} ${name}, ${state}, WITH ITS DISK`);
  if (view.bridge.exists) say(`  bridge ${bridge}, its file and its sysctl file`);
  say(`  ${folder}, the scripts that set them up, if it is there`);
  say("Where Pulumi's state is not lost, use pulumi destroy instead.");
  if ((await answer(`Type ${stack.name} to remove it: `)) !== stack.name) {
    say("nothing was changed");
    process.exitCode = 1;
    return;
  }
  // The appliance last: while it is there, a failure on the way leaves the apps their gateway.
  const order = [...guests].sort(
    (a, b) =>
      Number(a.vmid === stack.site.appliance.vmid) - Number(b.vmid === stack.site.appliance.vmid),
  );
  for (const { vmid, name } of order) {
    await runOnNode(stack, { script: "remove-guest.sh", args: [String(vmid), stack.tag] });
    say(`removed container ${vmid} ${name}`);
  }
  await removeBridge(stack, bridge);
  await runOnNode(stack, { script: "guest-scripts.sh", args: ["remove", folder] });
  say(`${folder} is gone`);
}

async function removeBridge(stack: Stack, bridge: string): Promise<void> {
  const origin = isApiBridgeName(bridge) ? "api" : "file";
  await runOnNode(stack, { script: "bridge.sh", args: ["remove", bridge, origin] });
  say(
    origin === "file"
      ? `removed bridge ${bridge}`
      : `removed the sysctl file of ${bridge}; the bridge itself was made by Proxmox: remove it in the node's Network page`,
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main({
  usage: "cleanup STACK",
  options: {},
  positionals: [1, 1],
  run: ({ positionals: [stack = ""] }) => cleanUp(stack),
});
