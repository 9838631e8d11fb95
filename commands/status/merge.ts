/** The whole status from the operator's side: what the appliance saw, corrected by what the node sees. */
import { containerProblems, declaredContainers } from "../../model/containers";
import { serviceCommand } from "../../model/family";
import { networkOf } from "../../model/net";
import type { Site } from "../../model/site";
import { isStale, type Status } from "../../model/status";
import { pathOf } from "../../render/caddy/app";
import type { NodeView } from "./view";

type Problem = Status["problems"][number];

/** A status of the same shape as the appliance's own; the bridge and the container as the node has them. */
export function mergeStatus(site: Site, view: NodeView): Status {
  const base = view.status ?? unseen(site, view.time);
  const { bridge } = view;
  const problems = [...problemsOf(site, view), ...containersOf(site, view), ...base.problems];
  return {
    ...base,
    appliance: { ...base.appliance, status: stateOf(view, site.appliance.vmid) },
    bridge: {
      name: site.network.bridge,
      exists: bridge.exists,
      status: bridge.up ? "UP" : "DOWN",
      observed_by: "node",
    },
    problems,
    health_status: problems.some(({ severity }) => severity === "error")
      ? "unhealthy"
      : problems.length > 0
        ? "degraded"
        : "healthy",
  };
}

function stateOf({ guests }: NodeView, vmid: number): string {
  return guests.find((guest) => guest.vmid === vmid)?.state ?? "missing";
}

function problemsOf(site: Site, view: NodeView): readonly Problem[] {
  const { bridge, status } = view;
  const { vmid, family } = site.appliance;
  const probe = (verb: string) =>
    `On the node: pct exec ${vmid} -- ${serviceCommand(family, verb, "proximity-probe")}.`;
  const name = site.network.bridge;
  const state = stateOf(view, vmid);
  const found: Problem[] = [];
  const add = (subject: string, message: string, action: string) =>
    found.push({ severity: "error", subject, message, action });
  if (!bridge.exists)
    add("bridge", `There is no bridge ${name} on the node.`, "Run the update again: `pulumi up`.");
  else if (!bridge.up)
    add("bridge", `The bridge ${name} is down.`, `On the node: \`ip link set ${name} up\`.`);
  if (bridge.addresses.length > 0)
    add(
      "bridge",
      `The node has an address on ${name} (${bridge.addresses.join(", ")}), so guests may reach it.`,
      `Find who put it there (/etc/network/interfaces), and on the node: \`ip address flush dev ${name}\`.`,
    );
  if (state === "missing")
    add("appliance", `There is no container ${vmid}.`, "Run the update: `pulumi up`.");
  else if (state !== "running")
    add("appliance", `The appliance is ${state}.`, `On the node: \`pct start ${vmid}\`.`);
  else if (status === undefined)
    add(
      "appliance",
      "The probe in the appliance has written nothing that can be read.",
      probe("status"),
    );
  else if (isStale(status, view.time))
    add(
      "checked_at",
      `The probe last looked at ${status.checked_at}; what follows is from then.`,
      status.stale_action,
    );
  return found;
}

/** Of the containers, the appliance's own standing excepted, which is said above. */
function containersOf(site: Site, { listed }: NodeView): readonly Problem[] {
  return containerProblems(declaredContainers(site), listed)
    .filter(({ vmid, healed }) => vmid !== site.appliance.vmid || !healed)
    .map(({ name, message, action }) => ({ severity: "warning", subject: name, message, action }));
}

/** What is declared, where nobody could look. */
function unseen(site: Site, time: number): Status {
  const { appliance, network, apps, node } = site;
  const behindIt = apps.filter((app) => app.network === "platinum");
  const service = (declared = true) => ({
    status: "unknown" as const,
    healthy: false,
    declared,
    reason: "nobody could look",
    checks: [],
  });
  const nothing = { total_bytes: 0, free_bytes: 0 };
  return {
    appliance: {
      vmid: appliance.vmid,
      hostname: appliance.hostname,
      status: "unknown",
      wan_ip: null,
      lan_ip: null,
      management_url: null,
      node: node.name,
    },
    bridge: { name: network.bridge, exists: false, status: "DOWN", observed_by: "node" },
    network: {
      network: networkOf(network.cidr),
      gateway: network.gateway,
      dhcp_range: `${network.dhcp.start} - ${network.dhcp.end}`,
      domain: network.domain,
      upstream: { gateway: null, reachable: false },
    },
    services: {
      dnsmasq: service(),
      iptables: service(),
      caddy: service(),
      cockpit: service(appliance.console),
    },
    applications: behindIt.map(({ name, vmid, mac, port, proxy }) => ({
      ip: null,
      hostname: name,
      dns_name: `${name}.${network.domain}`,
      vmid,
      mac,
      port,
      path: pathOf({ name, proxy }),
      lease_expires_at: null,
      health: { healthy: false, http_status: null, seconds: null, reason: "nobody could look" },
    })),
    health_status: "unhealthy",
    checked_at: new Date(time).toISOString(),
    interval_seconds: 5,
    stale_action: "Run the update: `pulumi up`.",
    mode: "platinum",
    family: appliance.family,
    leases: [],
    files: [],
    resources: { disk: nothing, memory: nothing },
    problems: [],
  };
}
