/** Stops an update that would destroy data which nobody has named. */
import * as pulumi from "@pulumi/pulumi";

import type { Config } from "./config";
import { unnamedRemovals } from "./model/removal";
import type { Site } from "./model/site";
import { Refusal } from "./refusal";

/** Refuses an update, and warns in a preview, which must be able to show what it is about. */
export async function keepData(
  { named }: Pick<Config, "named">,
  site: Site,
  own: readonly { readonly vmid: number; readonly name: string }[],
): Promise<void> {
  const messages = unnamedRemovals(site, own, named).map(({ message }) => message);
  if (messages.length === 0) return;
  if (!pulumi.runtime.isDryRun()) throw new Refusal(messages.join("\n"));
  for (const message of messages) await pulumi.log.warn(message);
}
