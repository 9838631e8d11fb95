/** The site from its bridge to its last app; read it as a table of contents. */
import { AppContainer } from "./components/app-container";
import { Appliance } from "./components/appliance";
import { Bridge } from "./components/bridge";
import { DatacenterFirewall } from "./components/datacenter-firewall";
import { Guest } from "./components/guest";
import { GuestScripts } from "./components/guest-scripts";
import { nodeOf } from "./components/node";
import { ObsoleteNat } from "./components/obsolete-nat";
import { loadConfig } from "./config";
import { lookForDrift, ownIn } from "./drift";
import { describeGuests } from "./guest-outputs";
import { missingFirst, served } from "./model/placement";
import { describeOutputs } from "./outputs";
import { keepData } from "./keep-data";
import { preflight } from "./preflight";

export = async () => {
  const config = loadConfig();
  const { site, plan, own } = await preflight(config);
  const look = await lookForDrift(config, site, plan);
  await keepData(config, site, ownIn(look) ?? own ?? []);
  const bare = nodeOf(site, config.tag, config.privateKey, { look, own });
  const hasGuests = plan.hasGateway || plan.apps.length + site.guests.length > 0;
  const node = hasGuests ? { ...bare, scripts: new GuestScripts(bare) } : bare;

  // Declared apps decide, never leases: without an app behind it there is no private network.
  const build = () => {
    const bridge = new Bridge(site.network.bridge, { node, bridge: site.network.bridge });
    const behind = { ...site, apps: served(plan) };
    const { attempt } = plan;
    const { hostname } = site.appliance;
    const { secrets } = config;
    const args = { node, site: behind, secrets, bridge, attempt };
    return { bridge, appliance: new Appliance(hostname, args) };
  };
  const gateway = plan.hasGateway ? build() : undefined;
  const apps = missingFirst(plan.apps).map((placement) => ({
    app: placement.app,
    container: new AppContainer(placement.app.name, {
      ...{ node, placement, site },
      appliance: gateway?.appliance,
    }),
  }));
  const filter = site.firewall.enableDatacenter
    ? [new DatacenterFirewall("datacenter-firewall", { node })]
    : [];
  const guests = site.guests.map((guest) => ({
    guest,
    container: new Guest(guest.name, {
      ...{ node, guest, network: site.network },
      // Only what is on the private network waits for its gateway.
      after: [
        ...filter,
        ...(gateway && guest.internal.bridge === site.network.bridge ? [gateway.appliance] : []),
      ],
    }),
  }));
  if (site.obsoleteNat.length > 0) new ObsoleteNat("obsolete-nat", { node, site });
  const outputs = describeOutputs({ site, plan, gateway, apps });
  return guests.length === 0 ? outputs : { ...outputs, guests: describeGuests(guests) };
};
