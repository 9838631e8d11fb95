/** The status as lines for a terminal. */
import type { Status } from "../../model/status";

/** Sections as on the page; the sign in front of a line says what its colour would. */
export function toText(status: Status): string {
  const { appliance, bridge, network, services, applications, leases, problems } = status;
  const free = ({ free_bytes, total_bytes }: Status["resources"]["disk"]) =>
    `${Math.floor(free_bytes / 2 ** 20)} of ${Math.floor(total_bytes / 2 ** 20)} MiB free`;
  return [
    `${appliance.hostname} is ${status.health_status} (looked at ${status.checked_at}, mode ${status.mode})`,
    "",
    `  appliance   VMID ${appliance.vmid} on ${appliance.node}, ${appliance.status}`,
    `  addresses   WAN ${appliance.wan_ip ?? "none"}, LAN ${appliance.lan_ip ?? "none"}`,
    `  bridge      ${bridge.name}, ${bridge.exists ? bridge.status : "not there"} (seen by the ${bridge.observed_by})`,
    `  network     ${network.network}, DHCP ${network.dhcp_range}, router ${network.upstream.gateway ?? "none"}`,
    `  disk        ${free(status.resources.disk)}; memory ${free(status.resources.memory)}`,
    ...(appliance.management_url === null ? [] : [`  console     ${appliance.management_url}`]),
    "",
    "Services",
    ...Object.entries(services).map(
      ([name, { declared, healthy, status: state, reason }]) =>
        `  ${declared ? (healthy ? "ok  " : "BAD ") : "off "} ${name.padEnd(9)} ${reason ?? state}`,
    ),
    "",
    "Apps",
    ...applications.map(({ hostname, ip, dns_name, health }) => {
      const answer = health.healthy
        ? `answered in ${Math.round((health.seconds ?? 0) * 1000)} ms`
        : (health.reason ?? "");
      return `  ${health.healthy ? "ok  " : "BAD "} ${hostname.padEnd(16)} ${(ip ?? "no address").padEnd(15)} ${dns_name}, ${answer}`;
    }),
    "",
    "Leases",
    ...leases.map(
      ({ ip, mac, app, hostname }) =>
        `       ${ip.padEnd(15)} ${mac} ${app ?? `${hostname ?? "no name"}, not declared`}`,
    ),
    ...(problems.length === 0 ? [] : ["", "What is wrong, and what to do"]),
    ...problems.flatMap(({ severity, message, action }) => [
      `  ${severity}: ${message}`,
      `    ${action}`,
    ]),
    "",
  ].join("\n");
}
