import * as pulumi from "@pulumi/pulumi";

import { networkOf } from "../model/net";
import { parseApp } from "../model/observed";
import type { Place, Placement } from "../model/placement";
import type { Site } from "../model/site";
import type { Appliance } from "./appliance";
import { aliasesOf, componentTypes, declareContainer, type Attachment } from "./container";
import type { Node } from "./node";
import { filesOf, nicsOf, publicNicOf, PublicNicPreparation, publicWord } from "./public-nic";
import { GuestScript } from "./script";

/** One app, its place, and the appliance that must hand out its address where it is behind one. */
export interface AppContainerArgs {
  readonly node: Node;
  readonly placement: Placement;
  readonly site: Pick<Site, "network" | "appliance">;
  readonly appliance?: (Pick<Appliance, "incarnation" | "failure"> & pulumi.Resource) | undefined;
}

/** One app: its container on the private network or on the LAN, its packages, files and services. */
export class AppContainer extends pulumi.ComponentResource {
  /** Where it is, once that is decided. */
  readonly place: pulumi.Output<Place>;
  /** Address as seen inside the container; undefined while nobody has looked. */
  readonly address: pulumi.Output<string | undefined>;
  /** Whether something listened on the app's port when it was last set up. */
  readonly listening: pulumi.Output<boolean | undefined>;
  /** Address and MAC on the LAN, likewise; empty without an interface of its own there. */
  readonly publicAddress: pulumi.Output<string | undefined>;
  readonly publicMac: pulumi.Output<string | undefined>;

  constructor(name: string, args: AppContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    const aliases = aliasesOf(args.node, { vmid: args.placement.app.vmid, name, kind: "app" });
    super(componentTypes.app, name, {}, pulumi.mergeOptions(opts, { aliases }));
    const { node, placement } = args;
    const { app } = placement;
    // An app on the LAN neither waits for the appliance nor fails with it.
    const appliance = placement.place === "platinum" ? args.appliance : undefined;
    this.place = placeOf(placement, appliance, (failure) =>
      pulumi.log.warn(
        `${name} is on ${args.site.appliance.wan.bridge}, without isolation and proxy, since the appliance failed: ${failure}`,
        this,
      ),
    );
    // Only where one is written down: a preparation for every app would be a command for every app.
    const prepared = app.publicDeclared
      ? [new PublicNicPreparation(`${name}-nic-place`, { node, guest: app }, { parent: this })]
      : [];
    const { resource, incarnation, identity } = declareContainer(
      name,
      {
        node,
        spec: {
          ...app,
          hostname: app.name,
          description: `App ${app.name}. Kept by Pulumi; see the project proximity-lan.`,
          attachment: this.place.apply((place) => attachmentAt(place, args)),
        },
      },
      {
        parent: this,
        dependsOn: [...prepared, ...(appliance === undefined ? [] : [appliance])],
      },
    );
    const nic = publicNicOf(
      name,
      { node, guest: app, incarnation },
      { parent: this, dependsOn: [resource] },
    );
    const setup = new GuestScript(
      `${name}-setup`,
      {
        node,
        vmid: app.vmid,
        family: app.family,
        incarnations: [incarnation, ...(appliance ? [appliance.incarnation] : [])],
        script: "app.sh",
        library: ["public.sh"],
        network: networkOf(args.site.network.cidr),
        args: this.place.apply((place) => setupWords(place, args)),
        files: [
          ...filesOf(app, { address: "dhcp" }),
          ...Object.entries(app.files).map(([path, file]) => ({ path, ...file })),
        ],
        remove: identity.apply((words) => ["release", ...words]),
      },
      { parent: this, dependsOn: [...nic] },
    );
    const observed = setup.stdout.apply(parseApp);
    this.address = observed.apply((seen) => seen?.address);
    this.listening = observed.apply((seen) => seen?.listening);
    this.publicAddress = observed.apply((seen) => seen?.publicAddress);
    this.publicMac = observed.apply((seen) => seen?.publicMac);
    this.registerOutputs({ address: this.address, listening: this.listening });
  }
}

function placeOf(
  { place, orElse }: Placement,
  appliance: Pick<Appliance, "failure"> | undefined,
  warn: (failure: string) => Promise<void>,
): pulumi.Output<Place> {
  return orElse === undefined || appliance === undefined
    ? pulumi.output(place)
    : appliance.failure.apply(async (failure) => {
        if (failure === undefined) return place;
        await warn(failure);
        return orElse;
      });
}

function attachmentAt(
  place: Place,
  { placement: { app }, site: { network, appliance } }: AppContainerArgs,
): Attachment {
  const nic = { name: "eth0", mac: app.mac, address: "dhcp" };
  return place === "platinum"
    ? {
        tags: [place],
        nics: [{ ...nic, bridge: network.bridge }, ...nicsOf(app)],
        dns: { domain: network.domain, servers: [network.gateway] },
      }
    : {
        tags: [place],
        nics: [{ ...nic, bridge: appliance.wan.bridge, firewall: true }, ...nicsOf(app)],
      };
}

/** On the LAN there is no resolver that must know it, and no reservation. */
function setupWords(
  place: Place,
  { placement: { app }, site: { network } }: AppContainerArgs,
): readonly string[] {
  const [gateway, address] = place === "platinum" ? [network.gateway, app.address ?? ""] : ["", ""];
  const lists = [app.packages.join(" "), app.services.join(" ")];
  return [gateway, String(app.port), address, publicWord(app), ...lists];
}
