import * as pulumi from "@pulumi/pulumi";

import type { Guest as GuestData } from "../model/guest";
import { networkOf } from "../model/net";
import { parseGuest } from "../model/observed";
import type { Network } from "../model/topology";
import type { BundleFile } from "../render/bundle";
import { aliasesOf, componentTypes, declareContainer, type ContainerSpec } from "./container";
import type { Node } from "./node";
import { filesOf, nicsOf, publicNicOf, PublicNicPreparation, publicWord } from "./public-nic";
import { GuestScript, readScript } from "./script";

/** One guest, the private network, and what must stand before it. */
export interface GuestArgs {
  readonly node: Node;
  readonly guest: GuestData;
  readonly network: Network;
  /** The appliance, for a guest on its network. */
  readonly after: readonly pulumi.Resource[];
}

/** A container that is no app of the proxy, with an interface of its own on the LAN where one is declared. */
export class Guest extends pulumi.ComponentResource {
  /** Address on the inner side, as seen inside; undefined while nobody has looked. */
  readonly address: pulumi.Output<string | undefined>;
  /** Address and MAC on the LAN, likewise; empty without such an interface. */
  readonly publicAddress: pulumi.Output<string | undefined>;
  readonly publicMac: pulumi.Output<string | undefined>;
  /** TCP ports that answered on all interfaces when it was last set up. */
  readonly openPorts: pulumi.Output<readonly number[] | undefined>;

  constructor(name: string, args: GuestArgs, opts?: pulumi.ComponentResourceOptions) {
    const aliases = aliasesOf(args.node, { vmid: args.guest.vmid, name, kind: "guest" });
    super(componentTypes.guest, name, {}, pulumi.mergeOptions(opts, { aliases }));
    const { node, guest, network, after } = args;
    const prepared = new PublicNicPreparation(
      `${name}-nic-place`,
      { node, guest },
      { parent: this },
    );
    const { resource, incarnation, identity } = declareContainer(
      name,
      { node, spec: guestContainer(guest, network) },
      { parent: this, dependsOn: [prepared, ...after] },
    );
    const nic = publicNicOf(
      name,
      { node, guest, incarnation },
      { parent: this, dependsOn: [resource] },
    );
    const setup = new GuestScript(
      `${name}-setup`,
      {
        node,
        vmid: guest.vmid,
        family: "debian",
        incarnations: [incarnation],
        script: "guest.sh",
        library: ["public.sh"],
        ...(guest.internal.bridge === network.bridge ? { network: networkOf(network.cidr) } : {}),
        args: setupWords(guest),
        files: setupFiles(guest),
        remove: identity.apply((words) => ["release", ...words]),
      },
      { parent: this, dependsOn: [...nic] },
    );
    const observed = setup.stdout.apply(parseGuest);
    this.address = observed.apply((seen) => seen?.address);
    this.publicAddress = observed.apply((seen) => seen?.publicAddress);
    this.publicMac = observed.apply((seen) => seen?.publicMac);
    this.openPorts = observed.apply((seen) => seen?.openPorts);
    this.registerOutputs({ address: this.address, publicAddress: this.publicAddress });
  }
}

function guestContainer(guest: GuestData, network: Network): ContainerSpec {
  const { name, internal, publicInterface: nic, nameservers } = guest;
  const own = internal.bridge === network.bridge ? [network.gateway] : [];
  const servers = nameservers.length > 0 ? nameservers : own;
  return {
    ...guest,
    family: "debian",
    hostname: name,
    description: `Guest ${name}. Kept by Pulumi; see the project proximity-lan.`,
    attachment: {
      ...(servers.length > 0 ? { dns: { domain: network.domain, servers } } : {}),
      tags: [],
      nics: [
        {
          name: "eth0",
          bridge: internal.bridge,
          mac: internal.mac,
          address: internal.address,
          // Two default routes compete: the public one wins, and replies inside take a table of their own.
          ...(internal.gateway === undefined || nic?.gw !== undefined
            ? {}
            : { gateway: internal.gateway }),
        },
        ...nicsOf(guest),
      ],
    },
  };
}

function setupWords(guest: GuestData) {
  const { nginx, packages, services } = guest;
  return [
    publicWord(guest),
    nginx?.ports.join(" ") ?? "",
    nginx?.files.join(" ") ?? "",
    packages.join(" "),
    services.join(" "),
  ];
}

function setupFiles(guest: GuestData): readonly BundleFile[] {
  const opener = "nginx-config-set-listen-all-interfaces";
  const program = {
    path: `/usr/local/sbin/${opener}`,
    mode: "0755",
    content: readScript("guest", opener),
  };
  return [
    ...filesOf(guest, guest.internal),
    ...(guest.nginx === undefined ? [] : [program]),
    ...Object.entries(guest.files).map(([path, file]) => ({ path, ...file })),
  ];
}
