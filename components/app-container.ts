import { ContainerLegacy } from "@muhlba91/pulumi-proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import { parseApp } from "../model/observed";
import type { App, Network } from "../model/topology";
import type { Appliance } from "./appliance";
import { containerArgs, containerOptions, incarnationOf } from "./container";
import type { Node } from "./node";
import { GuestScript } from "./script";

/** One app, and the appliance that must hand out its address. */
export interface AppContainerArgs {
  readonly node: Node;
  readonly app: App;
  readonly network: Network;
  readonly appliance: Pick<Appliance, "incarnation"> & pulumi.Resource;
}

/** One app: its container on the private network, its packages, files and services. */
export class AppContainer extends pulumi.ComponentResource {
  /** Address as seen inside the container; undefined while nobody has looked. */
  readonly address: pulumi.Output<string | undefined>;
  /** Whether something listened on the app's port when it was last set up. */
  readonly listening: pulumi.Output<boolean | undefined>;

  constructor(name: string, args: AppContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("proximity-lan:components:AppContainer", name, {}, opts);
    const { node, app, network, appliance } = args;
    const container = new ContainerLegacy(
      name,
      containerArgs(node, {
        ...app,
        hostname: app.name,
        description: `App ${app.name}. Kept by Pulumi; see the project proximity-lan.`,
        dns: { domain: network.domain, server: network.gateway },
        nics: [{ name: "eth0", bridge: network.bridge, mac: app.mac, address: "dhcp" }],
      }),
      { ...containerOptions, parent: this, dependsOn: [appliance] },
    );
    const setup = new GuestScript(
      `${name}-setup`,
      {
        node,
        vmid: app.vmid,
        incarnations: [incarnationOf(container), appliance.incarnation],
        script: "app.sh",
        args: [
          network.gateway,
          String(app.port),
          app.address ?? "",
          app.packages.join(" "),
          app.services.join(" "),
        ],
        files: Object.entries(app.files).map(([path, file]) => ({ path, ...file })),
      },
      { parent: this },
    );
    const observed = setup.stdout.apply(parseApp);
    this.address = observed.apply((seen) => seen?.address);
    this.listening = observed.apply((seen) => seen?.listening);
    this.registerOutputs({ address: this.address, listening: this.listening });
  }
}
