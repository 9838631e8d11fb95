/** What the stack tells: declared facts beside what was observed, under names that stay. */
import type * as pulumi from "@pulumi/pulumi";

import type { AppContainer } from "./components/app-container";
import type { Appliance } from "./components/appliance";
import type { Bridge } from "./components/bridge";
import { networkOf } from "./model/net";
import type { Site } from "./model/site";
import type { App, Network } from "./model/topology";

/** The components whose observations become outputs. */
export interface OutputsInput {
  readonly site: Site;
  readonly bridge: Bridge;
  readonly appliance: Appliance;
  readonly apps: readonly { readonly app: App; readonly container: AppContainer }[];
}

/** The stack's outputs; the README's table names every one. */
export function describeOutputs({ site, bridge, appliance, apps }: OutputsInput) {
  const { vmid, hostname, console: hasConsole } = site.appliance;
  const wan = appliance.wanAddress;
  return {
    mode: "platinum",
    bridge: bridge.bridge,
    network: describeNetwork(site.network),
    appliance: {
      vmid,
      hostname,
      node: site.node.name,
      wanAddress: wan,
      lanAddress: appliance.lanAddress,
    },
    ...(hasConsole ? { consoleUrl: urlOn(wan, (address) => `https://${address}:9090/`) } : {}),
    apps: Object.fromEntries(
      apps.map(({ app, container }) => [app.name, describeApp(app, container, site, wan)]),
    ),
  };
}

function describeNetwork({ cidr, gateway, domain, dhcp }: Network) {
  return { cidr: networkOf(cidr), gateway, domain, pool: { start: dhcp.start, end: dhcp.end } };
}

function describeApp(
  app: App,
  container: AppContainer,
  site: Site,
  wan: pulumi.Output<string | undefined>,
): Readonly<Record<string, pulumi.Input<string | number | boolean | undefined>>> {
  const dnsName = `${app.name}.${site.network.domain}`;
  return {
    vmid: app.vmid,
    node: site.node.name,
    dnsName,
    mac: app.mac,
    port: app.port,
    ...(app.address === undefined ? {} : { reservation: app.address }),
    address: container.address,
    listening: container.listening,
    url: urlOn(wan, (address) => `http://${address}:8080/${app.name}/`),
    hostUrl: `http://${dnsName}/`,
  };
}

/** No address was observed, no address is told. */
function urlOn(
  wan: pulumi.Output<string | undefined>,
  write: (address: string) => string,
): pulumi.Output<string | undefined> {
  return wan.apply((address) => (address === undefined ? undefined : write(address)));
}
