/** The site from its bridge to its last app; read it as a table of contents. */
import { AppContainer } from "./components/app-container";
import { Appliance } from "./components/appliance";
import { Bridge } from "./components/bridge";
import { nodeOf } from "./components/node";
import { loadConfig } from "./config";
import { describeOutputs } from "./outputs";
import { preflight } from "./preflight";

export = async () => {
  const { site, privateKey, tag } = loadConfig();
  await preflight(site, tag);
  const node = nodeOf(site, tag, privateKey);

  // Declared apps decide, never leases: without apps nothing is kept unless that is asked for.
  if (site.apps.length === 0 && !site.network.keepWhenEmpty) return { mode: "empty" };

  const bridge = new Bridge(site.network.bridge, { node, bridge: site.network.bridge });
  const appliance = new Appliance(site.appliance.hostname, { node, site, bridge });
  const apps = site.apps.map((app) => ({
    app,
    container: new AppContainer(app.name, { node, app, network: site.network, appliance }),
  }));
  return describeOutputs({ site, bridge, appliance, apps });
};
