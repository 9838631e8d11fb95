import { network } from "@muhlba91/pulumi-proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import { isApiBridgeName } from "../model/net";
import type { Node } from "./node";
import { NodeScript, type NodeCheck } from "./script";

/** Name and place of the isolated bridge. */
export interface BridgeArgs {
  readonly node: Node;
  readonly bridge: string;
}

/**
 * The bridge of the private network, on which the node has no address. Where the network API takes
 * the name it is a provider resource, else a file in interfaces.d (docs/proxmox/network.md 1 and 2).
 */
export class Bridge extends pulumi.ComponentResource {
  /** The bridge's name, known once it exists. */
  readonly bridge: pulumi.Output<string>;

  constructor(name: string, { node, bridge }: BridgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("proximity-lan:components:Bridge", name, {}, opts);
    const declared = isApiBridgeName(bridge) ? [this.declare(name, node, bridge)] : [];
    const origin = originOf(bridge);
    const isolation = new NodeScript(
      `${name}-isolation`,
      {
        node,
        script: "bridge.sh",
        apply: ["apply", bridge, origin, node.tag],
        remove: ["remove", bridge, origin],
      },
      { parent: this, dependsOn: declared },
    );
    this.bridge = isolation.id.apply(() => bridge);
    this.registerOutputs({ bridge: this.bridge });
  }

  private declare(name: string, node: Node, bridge: string): pulumi.Resource {
    const staged = new NodeScript(
      `${name}-staged`,
      { node, script: "bridge.sh", apply: ["staged", bridge, "api"] },
      { parent: this },
    );
    return new network.linux.Bridge(
      name,
      { nodeName: node.name, name: bridge, comment: node.tag, autostart: true },
      { parent: this, dependsOn: [staged], deleteBeforeReplace: true },
    );
  }
}

function originOf(bridge: string): "api" | "file" {
  return isApiBridgeName(bridge) ? "api" : "file";
}

/** Looks at the bridge and at what closes the node towards it. */
export function bridgeCheck(bridge: string, tag: string): NodeCheck {
  const words = ["check", bridge, originOf(bridge), tag];
  return { name: `${bridge}-isolation`, script: "bridge.sh", words };
}
