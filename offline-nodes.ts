/** Asks one node of the cluster for the guests of another that is off; changes nothing. */
import * as pulumi from "@pulumi/pulumi";

import { readScript } from "./components/script";
import { valueOf, type Config } from "./config";
import type { ObservedNode } from "./model/node-choice";
import { parseGuests, type ObservedGuest } from "./model/preflight";
import { Refusal } from "./refusal";
import { renderCall } from "./render/call";
import { runOverSsh } from "./ssh";

/**
 * The API tells the guests of nodes that are on. A site that lives on one that is off must not be built
 * anew elsewhere, nor its VMIDs be taken for free; /etc/pve has every node's guests on each of them.
 */
export async function guestsOffline(
  config: Config,
  nodes: readonly ObservedNode[],
): Promise<readonly ObservedGuest[]> {
  const off = nodes.flatMap(({ name, online }) => (online ? [] : [name]));
  const [target] = nodes.flatMap(({ name, online }) =>
    online ? (config.site.node.candidates[name] ?? []) : [],
  );
  if (off.length === 0 || target === undefined) return [];
  const names = off.join(", ");
  if (!config.watch) {
    await pulumi.log.warn(
      `Offline: ${names}. Nobody looked which guests are there (proximity-lan:watch is false).`,
    );
    return [];
  }
  const call = {
    command: renderCall(off),
    stdin: `${readScript("node", "lib.sh")}\n${readScript("node", "guests-on.sh")}`,
    limit: 60,
  };
  try {
    const privateKey = await valueOf(config.privateKey);
    const { code, stdout, stderr } = await runOverSsh({ ...target, privateKey }, call);
    if (code !== 0) throw new Error(stderr.trim());
    return parseGuests(stdout);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Refusal(`Unable to tell which guests are on ${names}, which is offline: ${cause}`);
  }
}
