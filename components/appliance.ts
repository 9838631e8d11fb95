import * as pulumi from "@pulumi/pulumi";

import { networkOf } from "../model/net";
import { parseAppliance } from "../model/observed";
import type { Site } from "../model/site";
import { statusPort } from "../render/caddy/status";
import { applianceFiles, appliancePackages, proxyPorts } from "../render/appliance";
import { renderUsers, usersFile } from "../render/caddy/users";
import { applianceAssets } from "./assets";
import { aliasesOf, componentTypes, declareContainer, type ContainerSpec } from "./container";
import type { Node } from "./node";
import { GuestScript } from "./script";

/** What the appliance is told beside the site. */
export interface ApplianceSecrets {
  /** For appliance.consoleUser; empty without one. */
  readonly consolePassword: pulumi.Input<string>;
  /** Password hashes by user, for apps with `proxy.auth`. */
  readonly users: pulumi.Input<Readonly<Record<string, string>>>;
}

/** The site with its secrets, and the bridge that must exist before the container's second NIC. */
export interface ApplianceArgs {
  readonly node: Node;
  readonly site: Site;
  readonly secrets: ApplianceSecrets;
  readonly bridge: pulumi.Resource;
  /** Which attempt this is, where a failure of the set-up is told and gone on from. */
  readonly attempt?: number | undefined;
}

/** The gateway of the private network: DHCP, DNS, NAT, reverse proxy and web console in one container. */
export class Appliance extends pulumi.ComponentResource {
  /** Address on the WAN side, as seen inside the container; undefined while nobody has looked. */
  readonly wanAddress: pulumi.Output<string | undefined>;
  /** Address on the private network, likewise. */
  readonly lanAddress: pulumi.Output<string | undefined>;
  /** Why it does not work; undefined when it does. Only where failures are gone on from. */
  readonly failure: pulumi.Output<string | undefined>;
  /** Changes when the container is made anew, which then knows no app's lease. */
  readonly incarnation: pulumi.Output<string>;

  constructor(name: string, args: ApplianceArgs, opts?: pulumi.ComponentResourceOptions) {
    const aliases = aliasesOf(args.node, {
      vmid: args.site.appliance.vmid,
      name,
      kind: "appliance",
    });
    super(componentTypes.appliance, name, {}, pulumi.mergeOptions(opts, { aliases }));
    const { node, site, bridge, attempt } = args;
    const { vmid, family, wan, console: hasConsole, consoleUser } = site.appliance;
    const { incarnation, identity } = declareContainer(
      name,
      { node, spec: applianceContainer(args) },
      { parent: this, dependsOn: [bridge] },
    );
    this.incarnation = incarnation;
    const inside = { node, vmid, family, incarnations: [this.incarnation] };
    const packages = new GuestScript(
      `${name}-packages`,
      {
        ...inside,
        script: "appliance-packages.sh",
        args: appliancePackages(site),
        ...verbOf("attempt", attempt),
        // Runs before the container goes: a guest of someone else would lose its gateway.
        remove: identity.apply((words) => [...["leave", site.network.bridge, ...words]]),
      },
      { parent: this },
    );
    // A command of its own, so that a preview can show all other files.
    const secrets = new GuestScript(
      `${name}-secrets`,
      {
        ...inside,
        script: "appliance-secrets.sh",
        args: [consoleUser ?? ""],
        ...secretFiles(args.secrets),
        ...verbOf("proceed", attempt),
      },
      { parent: this, dependsOn: [packages] },
    );
    const services = new GuestScript(
      `${name}-services`,
      {
        ...inside,
        script: "appliance-services.sh",
        network: networkOf(site.network.cidr),
        args: [
          wan.address,
          site.network.gateway,
          hasConsole ? "console" : "no-console",
          ...[...proxyPorts(site.appliance), statusPort].map(String),
        ],
        files: applianceFiles(site, applianceAssets()),
        ...verbOf("proceed", attempt),
      },
      { parent: this, dependsOn: [secrets] },
    );
    const observed = services.stdout.apply(parseAppliance);
    this.wanAddress = observed.apply((seen) => seen?.wanAddress);
    this.lanAddress = observed.apply((seen) => seen?.lanAddress);
    this.failure = observed.apply((seen) => seen?.failed);
    this.registerOutputs({ wanAddress: this.wanAddress, lanAddress: this.lanAddress });
  }
}

/** A new attempt is a changed word, so that what failed is done again although nothing else changed. */
function verbOf(verb: string, attempt: number | undefined): { readonly verb?: readonly string[] } {
  return attempt === undefined ? {} : { verb: [verb, String(attempt)] };
}

function secretFiles({ consolePassword, users }: ApplianceSecrets) {
  const content = pulumi.output(users).apply(renderUsers);
  return {
    files: [{ path: usersFile, mode: "0640", content }],
    secrets: { "console-password": consolePassword },
  };
}

function applianceContainer({
  site: { appliance, network },
  attempt = 1,
}: ApplianceArgs): ContainerSpec {
  const { wan } = appliance;
  return {
    ...appliance,
    // Before the apps, which want their address from it.
    order: 1,
    description: "Gateway of the private network. Kept by Pulumi; see the project proximity-lan.",
    attachment: {
      tags: attempt === 1 ? [] : [`attempt-${attempt}`],
      nics: [
        {
          name: "eth0",
          bridge: wan.bridge,
          mac: wan.mac,
          address: wan.address,
          ...(wan.gateway === undefined ? {} : { gateway: wan.gateway }),
        },
        {
          name: "eth1",
          bridge: network.bridge,
          mac: appliance.lanMac,
          address: `${network.gateway}/${network.cidr.prefix}`,
          ...(network.mtu === undefined ? {} : { mtu: network.mtu }),
        },
      ],
    },
  };
}
