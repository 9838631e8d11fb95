import * as pulumi from "@pulumi/pulumi";

import { obsoleteEntries } from "../model/guest";
import type { Site } from "../model/site";
import type { Node } from "./node";
import { NodeScript } from "./script";

/** The site with its list, and the node that has the rules. */
export interface ObsoleteNatArgs {
  readonly node: Node;
  readonly site: Site;
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
      `${name}-removal`,
      { node, script: "obsolete-nat.sh", apply: ["remove", ...obsoleteEntries(site)] },
      { parent: this },
    );
    this.removed = removal.stdout;
    this.registerOutputs({ removed: this.removed });
  }
}
