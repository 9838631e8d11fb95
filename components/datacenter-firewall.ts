import * as pulumi from "@pulumi/pulumi";

import type { Node } from "./node";
import { NodeScript } from "./script";

/** The switch without which no `.fw` file acts; put back as it was only if this stack set it. */
export class DatacenterFirewall extends pulumi.ComponentResource {
  constructor(name: string, { node }: { node: Node }, opts?: pulumi.ComponentResourceOptions) {
    super("proximity-lan:components:DatacenterFirewall", name, {}, opts);
    new NodeScript(
      `${name}-switch`,
      {
        node,
        script: "datacenter-firewall.sh",
        apply: ["apply", node.tag],
        remove: ["remove", node.tag],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
