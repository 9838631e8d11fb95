/** What can be wrong inside the appliance. */
import { serviceCommand } from "../../model/family";
import { isStale } from "../../model/status";
import { failed, ok, skipped, warning, type Check } from "../checks";
import { tryOnNode } from "../on-node";
import { inAppliance, type Patient } from "./patient";

/** Its checks; each is skipped while the appliance does not run. */
export const applianceChecks: readonly Check<Patient>[] = [
  {
    name: "WAN address",
    look: inAppliance(({ status }, { stack: { site } }) => {
      if (status === undefined) return skipped("the probe has written nothing");
      const { wan } = site.appliance;
      return status.appliance.wan_ip === null
        ? failed(
            "none",
            wan.address === "dhcp"
              ? `See that DHCP answers on ${wan.bridge}, or declare a static appliance.wan.address.`
              : "Was it changed inside the container? pct reboot brings it back.",
          )
        : ok(`${status.appliance.wan_ip}${wan.address === "dhcp" ? ", by DHCP" : ""}`);
    }),
  },
  {
    name: "package mirror",
    look: inAppliance(async (_, { stack }) => {
      const args = ["mirror", String(stack.site.appliance.vmid)];
      const { stdout } = await tryOnNode(stack, { script: "ask.sh", args });
      const [code = "", url = ""] = stdout.trim().split(" ");
      return /^[23]/.test(code)
        ? ok(`${new URL(url).protocol}//… answers ${code}`)
        : failed(
            `no answer (${code || "nothing"})`,
            "See that the appliance reaches the internet: its router, its resolvers (network.upstreamDns), a proxy for its package manager.",
          );
    }),
  },
  {
    name: "probe",
    look: inAppliance(({ status, time }, { stack }) => {
      const { vmid, family } = stack.site.appliance;
      const restart = serviceCommand(family, "restart", "proximity-probe");
      if (status === undefined)
        return failed(
          "has written nothing that can be read",
          `On the node: \`pct exec ${vmid} -- ${restart}\`.`,
        );
      return isStale(status, time)
        ? failed(`last looked at ${status.checked_at}`, status.stale_action)
        : ok(`looked at ${status.checked_at}`);
    }),
  },
  {
    name: "services and apps",
    look: inAppliance(({ status }) => {
      if (status === undefined) return skipped("the probe has written nothing");
      const [first] = status.problems;
      if (first === undefined)
        return ok(`${status.applications.length} apps answer, and nothing is wrong`);
      const seen = status.problems.map(({ message }) => message).join(" ");
      return status.health_status === "unhealthy"
        ? failed(seen, first.action)
        : warning(seen, first.action);
    }),
  },
  {
    name: "strangers",
    look: inAppliance(({ status }) => {
      const strangers = (status?.leases ?? []).filter(({ declared }) => !declared);
      return strangers.length === 0
        ? ok("every lease is a declared app's")
        : warning(
            strangers.map(({ ip, mac }) => `${ip} (${mac})`).join(", "),
            "Leases of guests that are not declared: find them by MAC (grep in /etc/pve/lxc), or let the leases end.",
          );
    }),
  },
];
