import * as pulumi from "@pulumi/pulumi";

import type { InternalInterface } from "../model/guest";
import { publicSubject } from "../model/public-facts";
import {
  publicHosts,
  publicNic,
  type PublicHost,
  type PublicInterface,
} from "../model/public-interface";
import type { Site } from "../model/site";
import { renderBundle, type BundleFile } from "../render/bundle";
import { guestPublicFiles } from "../render/guest-public";
import { renderLxcNet } from "../render/lxc-net";
import { renderPveFirewall } from "../render/pve-firewall";
import type { Nic } from "./container";
import type { Node } from "./node";
import { NodeScript, readScript, type NodeCheck } from "./script";

/** One guest or app, on its node. */
export interface PublicNicArgs {
  readonly node: Node;
  readonly guest: PublicHost;
  /** Of the guest's container: what is bound to it is done again when that was made anew. */
  readonly incarnation: pulumi.Input<string>;
}

/** Asks what the node has for the interfaces of a site; it is no resource's, and judged at once. */
export function publicCheck(site: Site): NodeCheck {
  const types = new Set(publicHosts(site).map(({ nic }) => nic.type));
  return {
    name: publicSubject,
    script: "public-check.sh",
    words: [site.network.publicBridge, ...[...types].sort()],
  };
}

/** What a look runs for what stands beside the containers: raw lines, and files of rules. */
export function nicChecks(site: Site, tag: string): readonly NodeCheck[] {
  return publicHosts(site).map(({ host: { name, vmid }, nic }) => {
    const words = ["check", String(vmid), tag];
    if (nic.type !== "veth") {
      // No blank may be in a word.
      const lines = rawLines(nic).map((line) => line.replaceAll(" ", "~"));
      return { name: `${name}-nic-lines`, script: "public-nic.sh", words: [...words, ...lines] };
    }
    const text = Buffer.from(renderPveFirewall(nic.firewall)).toString("base64");
    return { name: `${name}-firewall-file`, script: "firewall.sh", words: [...words, text] };
  });
}

/** The raw lines of a guest's interface; none where Proxmox makes it as net1. */
export function rawLines(nic: PublicInterface | undefined): readonly string[] {
  return nic === undefined || nic.type === "veth" ? [] : renderLxcNet(nic);
}

/** The interface as Proxmox makes it; none where that cannot. */
export function nicsOf({ publicInterface: nic }: PublicHost): readonly Nic[] {
  if (nic?.type !== "veth") return [];
  const { bridge, macAddress, ip, gw } = nic;
  return [
    {
      name: publicNic.name,
      bridge,
      mac: macAddress,
      address: `${ip.address}/${ip.prefix}`,
      ...(gw === undefined ? {} : { gateway: gw }),
      firewall: true,
    },
  ];
}

/** What it needs inside its guest; nothing without it. */
export function filesOf(
  { publicInterface: nic }: PublicHost,
  internal: Pick<InternalInterface, "address" | "gateway">,
): readonly BundleFile[] {
  if (nic === undefined) return [];
  const path = "/usr/local/sbin/proximity-public-routes";
  return [
    ...guestPublicFiles(nic, internal),
    { path, mode: "0755", content: readScript("guest", "public-routes.sh") },
  ];
}

/** Its address with prefix, as the guest scripts take it; empty without one. */
export function publicWord({ publicInterface: nic }: PublicHost): string {
  return nic === undefined ? "" : `${nic.ip.address}/${nic.ip.prefix}`;
}

/** What stands on the node beside the container: raw lines, or a file of rules. */
export function publicNicOf(
  name: string,
  args: PublicNicArgs,
  opts: pulumi.ComponentResourceOptions,
): readonly pulumi.Resource[] {
  const type = args.guest.publicInterface?.type;
  switch (type) {
    case undefined:
      return [];
    case "veth":
      return [new FirewallFile(`${name}-firewall`, args, opts)];
    case "macvlan":
    case "ipvlan":
      return [new MacvlanNic(`${name}-nic`, args, opts)];
  }
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
        payload: renderBundle([
          {
            path: `firewall/${guest.vmid}.fw`,
            mode: "0640",
            content: renderPveFirewall(nic.firewall),
          },
        ]),
        // Proxmox removes the file together with a container that is replaced.
        triggers: [incarnation],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
