/** The examples of examples/, in the lab. */
import { parse } from "yaml";

import type { SiteConfig } from "./checkout";
import { checkout } from "./world";

/** Examples that need another lab than the others, and the worlds that bring them up. */
export const elsewhere: Readonly<Record<string, string>> = {
  "platinum-alpine.yaml": "e2e/family",
  "several-nodes.yaml": "e2e/nodes",
};

/** Replaces in the stack what a person replaces in an example: the node, and the LAN that it stands on. */
export function useExample(
  name: string,
  change: (site: SiteConfig) => void = () => undefined,
): SiteConfig {
  const text = checkout().read(`examples/${name}`).replaceAll("172.20.0.", "192.168.1.");
  const { config } = parse(text) as { config: { "proximity-lan:site": Partial<SiteConfig> } };
  const site: SiteConfig = { network: {}, apps: {}, ...config["proximity-lan:site"] };
  checkout().edit((stack) => {
    site["node"] = stack.config["proximity-lan:site"]["node"];
    change(site);
    stack.config["proximity-lan:site"] = site;
  });
  return site;
}

/** The VMIDs that a site has on its node, as `pct list` gives them. */
export function vmidsOf(site: SiteConfig): string {
  const guests = (site["guests"] ?? {}) as SiteConfig["apps"];
  const appliance = site["appliance"] as Record<string, unknown> | undefined;
  const vmids = [
    appliance?.["vmid"] ?? 100,
    ...Object.values({ ...guests, ...site.apps }).map(({ vmid }) => vmid),
  ];
  return vmids
    .map(Number)
    .sort((a, b) => a - b)
    .join(" ");
}
