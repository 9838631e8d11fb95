/** What the stack tells of the private network's addresses and ports. */
import type * as pulumi from "@pulumi/pulumi";

import type { AppContainer } from "./components/app-container";
import { toNumber } from "./model/net";
import type { App, Forward, Network, Topology } from "./model/topology";
import { statusPath, statusPort } from "./render/caddy/status";

type Observed = pulumi.Output<string | undefined>;

/** No address was observed, no address is told; the engine warns of an output that is undefined, not of null. */
export function urlOn(
  address: Observed,
  write: (address: string) => string,
): pulumi.Output<string | null> {
  return address.apply((seen) => (seen === undefined ? null : write(seen)));
}

/** Where the appliance tells how it is now. */
export function statusUrlOn(wan: Observed): pulumi.Output<string | null> {
  return urlOn(wan, (address) => `http://${address}:${statusPort}${statusPath}`);
}

/** The pool, how much of it the apps leave over, and the leases that they were seen to have. */
export function describeDhcp(
  { dhcp }: Network,
  behind: readonly { readonly app: App; readonly container: Pick<AppContainer, "address"> }[],
) {
  const [start, end] = [toNumber(dhcp.start), toNumber(dhcp.end)];
  const isPooled = ({ address }: App) =>
    address === undefined || (toNumber(address) >= start && toNumber(address) <= end);
  const total = end - start + 1;
  return {
    total,
    free: total - behind.filter(({ app }) => isPooled(app)).length,
    leases: Object.fromEntries(
      behind
        .filter(({ app }) => app.address === undefined)
        .map(({ app, container }) => [app.name, container.address]),
    ),
  };
}

/** Forwards by their names; the port as declared. */
export function describeForwards({ forwards }: Pick<Topology, "forwards">, wan: Observed) {
  return Object.fromEntries(
    forwards.map(({ name, protocol, first, last, app, appPort }: Forward) => [
      name,
      {
        ...{ protocol, app, address: wan },
        port: first === last ? first : `${first}-${last}`,
        ...(first === last ? { appPort: appPort ?? first } : {}),
      },
    ]),
  );
}
