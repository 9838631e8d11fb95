/** What the stack tells: declared facts beside what was observed, under names that stay. */
import * as pulumi from "@pulumi/pulumi";

import type { AppContainer } from "./components/app-container";
import type { Appliance } from "./components/appliance";
import type { Bridge } from "./components/bridge";
import { describePublic } from "./guest-outputs";
import { exposureOf } from "./model/exposure";
import { networkOf } from "./model/net";
import { served, type Plan } from "./model/placement";
import type { Site } from "./model/site";
import type { App, Network } from "./model/topology";
import { describeDhcp, describeForwards, statusUrlOn, urlOn } from "./network-outputs";
import { pathOf } from "./render/caddy/app";

/** The components whose observations become outputs. */
export interface OutputsInput {
  readonly site: Site;
  readonly plan: Plan;
  /** Absent when no app is on the private network. */
  readonly gateway?: { readonly bridge: Bridge; readonly appliance: Appliance } | undefined;
  readonly apps: readonly { readonly app: App; readonly container: AppContainer }[];
}

/** The stack's outputs; docs/outputs.md lists every one. */
export function describeOutputs(input: OutputsInput) {
  const { site, plan, gateway, apps } = input;
  const exposed = exposureOf(site, plan);
  const open = Object.keys(exposed).length === 0 ? {} : { exposed };
  if (gateway === undefined && apps.length === 0) return { mode: "empty", ...open };
  const failure = pulumi.output(gateway?.appliance.failure ?? plan.reason);
  const mayFail = site.onApplianceFailure === "fallback";
  // What is behind the appliance stays there, whatever this run met.
  const isHeld = plan.apps.some(({ place, orElse }) => place === "platinum" && !orElse);
  const wan = gateway?.appliance.wanAddress;
  return {
    mode: failure.apply((reason) =>
      gateway === undefined || (reason !== undefined && !isHeld) ? "direct" : "platinum",
    ),
    // As in urlOn: null, since the engine would warn of undefined.
    ...(mayFail ? { reason: failure.apply((reason) => reason ?? null) } : {}),
    onApplianceFailure: site.onApplianceFailure,
    node: site.node.name,
    ...open,
    ...(gateway === undefined ? {} : describeGateway(input, gateway)),
    apps: Object.fromEntries(
      apps.map(({ app, container }) => [app.name, describeApp(app, container, { site, wan })]),
    ),
  };
}

function describeGateway(
  { site, apps, plan }: OutputsInput,
  { bridge, appliance }: NonNullable<OutputsInput["gateway"]>,
) {
  const { vmid, hostname, console: hasConsole } = site.appliance;
  const { wanAddress, lanAddress } = appliance;
  const behind = served(plan);
  return {
    bridge: bridge.bridge,
    network: describeNetwork(site.network),
    appliance: { vmid, hostname, node: site.node.name, wanAddress, lanAddress },
    ...(hasConsole
      ? { consoleUrl: urlOn(wanAddress, (address) => `https://${address}:9090/`) }
      : {}),
    statusUrl: statusUrlOn(wanAddress),
    dhcp: describeDhcp(
      site.network,
      apps.filter(({ app }) => behind.includes(app)),
    ),
    ...(site.forwards.length === 0 ? {} : { forwards: describeForwards(site, wanAddress) }),
  };
}

function describeNetwork({ cidr, gateway, domain, dhcp }: Network) {
  return { cidr: networkOf(cidr), gateway, domain, pool: { start: dhcp.start, end: dhcp.end } };
}

function describeApp(
  app: App,
  container: AppContainer,
  { site, wan }: { site: Site; wan: Observed | undefined },
): Readonly<Record<string, pulumi.Input<string | number | boolean | undefined>>> {
  const { place, address, listening } = container;
  const dnsName = `${app.name}.${site.network.domain}`;
  const ifPlatinum = (text: string) => place.apply((at) => (at === "platinum" ? text : undefined));
  return {
    vmid: app.vmid,
    node: site.node.name,
    mode: place.apply((at) => (at === "platinum" ? at : "direct")),
    reason: place.apply((at) => (at === "fallback" ? fallenBack : undefined)),
    dnsName: ifPlatinum(dnsName),
    mac: app.mac,
    port: app.port,
    ...(app.address === undefined ? {} : { reservation: ifPlatinum(app.address) }),
    address,
    listening,
    url: pulumi
      .all([place, address, wan ?? undefined])
      .apply(([at, own, proxy]) =>
        at === "platinum"
          ? urlBehind(proxy, app, dnsName)
          : own && `http://${own}${app.port === 80 ? "" : `:${app.port}`}/`,
      ),
    hostUrl: ifPlatinum(`http://${dnsName}/`),
    ...describePublic(app, container),
  };
}

/** An app behind the proxy: its path there, or its name where it has none. */
function urlBehind(proxy: string | undefined, app: App, dnsName: string): string | undefined {
  const path = pathOf(app);
  return path === null ? `http://${dnsName}/` : proxy && `http://${proxy}:8080${path}`;
}

const fallenBack =
  "The appliance had failed when this app was placed. `onApplianceRepair: return` moves it.";

type Observed = pulumi.Output<string | undefined>;
