/** Removes everything that a stack made: `destroy.ts STACK`. What would stop it is found before the first removal. */
import { adviceAfter } from "./advice";
import { compareWithNode, say, type Comparison } from "./compare";
import { main } from "./main";
import { followPulumi } from "./pulumi";

async function destroy(stack: string, flags: readonly string[]): Promise<number> {
  const comparison = await compareWithNode(stack);
  if (comparison !== undefined) {
    refuseIfProtected(comparison);
    refuseIfBridgeIsUsed(comparison);
  }
  const refresh = comparison?.needsRefresh === true ? ["--refresh"] : [];
  const ended = await followPulumi(["destroy", "--stack", stack, "--yes", ...refresh, ...flags]);
  if (ended.code !== 0) say(`\n${adviceAfter(ended, "destroy", stack)}`);
  return ended.code ?? 1;
}

function refuseIfProtected({ containers }: Comparison): void {
  const names = containers
    .filter(({ protect }) => protect)
    .map(({ vmid, name }) => `${name} (${vmid})`);
  if (names.length > 0)
    throw new Error(
      `${names.join(", ")} is declared with protect: true. To destroy it, declare protect: false, run make up, then run this again; nothing was changed`,
    );
}

/** Scripts/node/bridge.sh refuses this too, but only after the apps are gone with their disks. */
function refuseIfBridgeIsUsed({ stack: { site }, guests }: Comparison): void {
  const { bridge } = site.network;
  const users = guests.filter(({ own, bridges }) => !own && bridges.includes(bridge));
  if (users.length === 0) return;
  const names = users.map(({ vmid, name }) => `${vmid} (${name})`).join(", ");
  throw new Error(
    `bridge ${bridge} is still used by VMID ${names}, which this stack did not create. Move or remove them, then run this again; nothing was changed`,
  );
}

main({
  usage: "destroy STACK [-- PULUMI FLAGS]",
  options: {},
  positionals: [1, 1],
  forPulumi: true,
  run: async ({ positionals: [stack = ""], forPulumi }) => {
    process.exitCode = await destroy(stack, forPulumi);
  },
});
