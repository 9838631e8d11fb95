import * as pulumi from "@pulumi/pulumi";

import type { Guest, PublicInterface } from "../model/guest";
import { renderLxcNet } from "../render/lxc-net";
import { renderPveFirewall } from "../render/pve-firewall";
import type { Node } from "./node";
import { NodeScript } from "./script";

/** One guest, on its node. */
export interface PublicNicArgs {
  readonly node: Node;
  readonly guest: Guest;
  /** Of the guest's container: what is bound to it is done again when that was made anew. */
  readonly incarnation: pulumi.Input<string>;
}

/** The raw lines of a guest's interface; none where Proxmox makes it as net1. */
export function rawLines(nic: PublicInterface | undefined): readonly string[] {
  return nic === undefined || nic.type === "veth" ? [] : renderLxcNet(nic);
}

/**
 * What must be so before Proxmox makes or changes the container: the address is free, and raw lines and
 * net1 never stand in it together. Declared for every guest, since it is also what takes lines away.
 */
export class PublicNicPreparation extends NodeScript {
  constructor(
    name: string,
    { node, guest }: Omit<PublicNicArgs, "incarnation">,
    opts: pulumi.CustomResourceOptions,
  ) {
    const nic = guest.publicInterface;
    const probe =
      nic === undefined ? ["-", "-", "-"] : [nic.bridge, nic.ip.address, nic.macAddress];
    super(
      name,
      {
        node,
        script: "public-nic.sh",
        apply: ["prepare", String(guest.vmid), node.tag, ...probe, ...rawLines(nic)],
      },
      opts,
    );
  }
}

/** A macvlan port over the LAN's bridge: its raw lines, one start at most, and the node's shim if asked for. */
export class MacvlanNic extends pulumi.ComponentResource {
  constructor(name: string, args: PublicNicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("proximity-lan:components:MacvlanNic", name, {}, opts);
    const { node, guest, incarnation } = args;
    const { vmid, publicInterface: nic } = guest;
    const id = [String(vmid), node.tag];
    const lines = new NodeScript(
      `${name}-lines`,
      {
        node,
        script: "public-nic.sh",
        apply: ["attach", ...id, ...rawLines(nic)],
        remove: ["detach", ...id],
        triggers: [incarnation],
      },
      { parent: this },
    );
    if (nic?.hostShim === true) {
      const shim = [String(vmid), nic.bridge, nic.ip.address];
      new NodeScript(
        `${name}-shim`,
        { node, script: "host-shim.sh", apply: ["apply", ...shim], remove: ["remove", ...shim] },
        { parent: this, dependsOn: [lines] },
      );
    }
    this.registerOutputs({});
  }
}

/** The `.fw` file of a guest whose interface the node filters. */
export class FirewallFile extends pulumi.ComponentResource {
  constructor(name: string, args: PublicNicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("proximity-lan:components:FirewallFile", name, {}, opts);
    const { node, guest, incarnation } = args;
    const nic = guest.publicInterface;
    if (nic === undefined) throw new Error(`${guest.name} has no public interface to filter`);
    const id = [String(guest.vmid), node.tag];
    new NodeScript(
      `${name}-file`,
      {
        node,
        script: "firewall.sh",
        apply: ["apply", ...id],
        remove: ["remove", ...id],
        payload: renderPveFirewall(nic.firewall),
        // Proxmox removes the file together with a container that is replaced.
        triggers: [incarnation],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
