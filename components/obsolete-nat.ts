import * as pulumi from "@pulumi/pulumi";

import { obsoleteEntries } from "../model/guest";
import type { Site } from "../model/site";
import type { Node } from "./node";
import { NodeScript, type NodeCheck } from "./script";

/** The site with its list, and the node that has the rules. */
export interface ObsoleteNatArgs {
  readonly node: Node;
  readonly site: Site;
}

const script = "obsolete-nat.sh";
const resource = "obsolete-nat-removal";

/** Looks for the rules, so that preview shows them, and the next update takes away what came back. */
export function obsoleteNatCheck(site: Site): NodeCheck {
  const entries = obsoleteEntries(site).map((entry) => entry.replaceAll(" ", "~"));
  return { name: resource, script, words: ["check", ...entries] };
}

/** Old rules of the node, taken away one by one. They do not come back when this goes. */
export class ObsoleteNat extends pulumi.ComponentResource {
  /** What was taken away when it last looked, one rule a line. */
  readonly removed: pulumi.Output<string>;

  constructor(
    name: string,
    { node, site }: ObsoleteNatArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("proximity-lan:components:ObsoleteNat", name, {}, opts);
    const removal = new NodeScript(
      resource,
      { node, script, apply: ["remove", ...obsoleteEntries(site)] },
      { parent: this },
    );
    this.removed = removal.stdout;
    this.registerOutputs({ removed: this.removed });
  }
}
