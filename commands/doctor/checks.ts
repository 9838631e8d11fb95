/** What can be wrong around a site, in the order in which one thing needs the other. */
import { z } from "zod";

import { datastoreOf } from "../../model/preflight";
import { isStale } from "../../model/status";
import { failed, ok, once, skipped, warning, type Check, type Finding } from "../checks";
import { tryOnNode } from "../on-node";
import { get } from "../proxmox";
import type { Stack } from "../stack";
import { lookAtNode, type NodeView } from "../status/view";
import { neededPrivileges } from "./privileges";

/** What the checks share; each question is asked once. */
export interface Patient {
  readonly stack: Stack;
  readonly view: () => Promise<NodeView>;
  /** This machine's clock, ms. */
  readonly now: () => number;
}

/** The patient of a stack. */
export function patientOf(stack: Stack): Patient {
  return { stack, view: once(() => lookAtNode(stack)), now: Date.now };
}

const version = z.object({ version: z.string() });
const nodes = z.array(z.object({ node: z.string(), status: z.string() }));
const permissions = z.record(z.string(), z.record(z.string(), z.number()));
const contents = z.array(z.object({ volid: z.string() }));
const storage = z.object({
  active: z.number().optional(),
  content: z.string().optional(),
  avail: z.number().optional(),
});

/** On the node, reached by SSH; while that fails the checks of what is there are skipped. */
const onNode =
  (look: (view: NodeView, patient: Patient) => Finding | Promise<Finding>) =>
  async (patient: Patient): Promise<Finding> => {
    const view = await patient.view().catch(() => undefined);
    return view === undefined ? skipped("the node cannot be asked by SSH") : look(view, patient);
  };

/** Inside the appliance; skipped while it does not run. */
const inAppliance = (look: (view: NodeView, patient: Patient) => Finding | Promise<Finding>) =>
  onNode((view, patient) => {
    const { vmid } = patient.stack.site.appliance;
    const state = view.guests.find((guest) => guest.vmid === vmid)?.state;
    return state === "running"
      ? look(view, patient)
      : skipped(`the appliance is ${state ?? "not there"}`);
  });

/** Of the proxmox side. */
const apiChecks: readonly Check<Patient>[] = [
  {
    name: "Proxmox API",
    look: async ({ stack: { api } }) => {
      try {
        const { version: found } = version.parse(await get(api, "/version"));
        return ok(`${api.endpoint} is Proxmox VE ${found}`);
      } catch (error) {
        return failed(
          error instanceof Error ? error.message : String(error),
          "Check proxmoxve:endpoint and proxmoxve:apiToken, that the node is up, and proxmoxve:insecure if its certificate is its own.",
        );
      }
    },
  },
  {
    name: "node online",
    look: async ({ stack: { api, site } }) => {
      const list = nodes.parse(await get(api, "/nodes"));
      const node = list.find((one) => one.node === site.node.name);
      if (node?.status === "online") return ok(`${node.node} is online`);
      return node === undefined
        ? failed(
            `the cluster has ${list.map((one) => one.node).join(", ")}`,
            `Correct node.name, which is ${site.node.name}.`,
          )
        : failed(`${node.node} is ${node.status}`, "Bring the node up.");
    },
  },
  {
    name: "token's privileges",
    look: async ({ stack: { api, site } }) => {
      const missing: string[] = [];
      for (const { path, privileges } of neededPrivileges(site)) {
        const answer = permissions.parse(
          await get(api, `/access/permissions?path=${encodeURIComponent(path)}`),
        );
        const has = answer[path] ?? {};
        missing.push(...privileges.filter((name) => !(name in has)).map((n) => `${n} on ${path}`));
      }
      return missing.length === 0
        ? ok("all that the README's table names")
        : failed(
            `missing: ${missing.join(", ")}`,
            "Grant the role as in the README's section Token.",
          );
    },
  },
  {
    name: "template",
    look: async ({ stack: { api, site } }) => {
      const store = datastoreOf(site.template);
      const path = `/nodes/${site.node.name}/storage/${store}/content?content=vztmpl`;
      const files = contents.parse(await get(api, path)).map(({ volid }) => volid);
      return files.includes(site.template)
        ? ok(`${site.template} is there`)
        : failed(
            `${store} has ${files.join(", ") || "no template"}`,
            `On the node: pveam update && pveam download ${store} FILE, and write its name under template.`,
          );
    },
  },
  {
    name: "storage",
    look: async ({ stack: { api, site } }) => {
      const path = `/nodes/${site.node.name}/storage/${site.storage}/status`;
      const found = storage.parse(await get(api, path));
      const free = Math.floor((found.avail ?? 0) / 2 ** 30);
      if (found.active === 0 || found.content?.includes("rootdir") !== true)
        return failed(
          `${site.storage} is ${found.active === 0 ? "not active" : "not for container disks"}`,
          "Choose another storage, or allow Container on it (Datacenter, Storage).",
        );
      return free < site.appliance.disk
        ? warning(`${site.storage} has ${free} GiB free`, "Make room, or choose another storage.")
        : ok(`${site.storage} has ${free} GiB free`);
    },
  },
];

/** Of the node, by SSH. */
const nodeChecks: readonly Check<Patient>[] = [
  {
    name: "SSH and host key",
    look: async ({ stack: { site }, view }) => {
      const { host, port } = site.node.ssh;
      try {
        await view();
        return ok(`root@${host}:${port} lets this key in, and shows the declared host key`);
      } catch (error) {
        return failed(
          error instanceof Error ? error.message : String(error),
          "Check node.ssh.host and port, that the key is in /root/.ssh/authorized_keys, and the host key (README, The host key).",
        );
      }
    },
  },
  {
    name: "clocks",
    look: onNode(({ time }, { now }) => {
      const skew = Math.round(Math.abs(time - now()) / 1000);
      return skew <= 30
        ? ok(`${skew} s apart`)
        : warning(
            `the node's clock is ${skew} s off this machine's`,
            "See that both keep time (chrony).",
          );
    }),
  },
  {
    name: "network changes",
    look: onNode(({ pendingNetwork }) =>
      pendingNetwork
        ? warning(
            "somebody's changes wait in /etc/network/interfaces.new",
            "Apply or revert them in the node's Network page.",
          )
        : ok("none are pending"),
    ),
  },
  {
    name: "cluster firewall",
    look: onNode(({ firewall }) =>
      ok(firewall ? "switched on" : "switched off, so no .fw file of a guest is in force"),
    ),
  },
  {
    name: "bridge",
    look: onNode(({ bridge }, { stack: { site } }) => {
      const name = site.network.bridge;
      if (!bridge.exists) return failed(`there is no ${name}`, "Run the update: pulumi up.");
      if (bridge.addresses.length > 0)
        return failed(
          `the node has ${bridge.addresses.join(", ")} on ${name}`,
          `On the node: ip address flush dev ${name}, and find who put it there.`,
        );
      return bridge.up
        ? ok(`${name} is up with ${bridge.members.length} interfaces, and without an address`)
        : failed(`${name} is down`, `On the node: ip link set ${name} up.`);
    }),
  },
  {
    name: "appliance",
    look: onNode(({ guests }, { stack }) => {
      const { vmid } = stack.site.appliance;
      const guest = guests.find((one) => one.vmid === vmid);
      if (guest === undefined)
        return failed(`there is no container ${vmid}`, "Run the update: pulumi up.");
      if (!guest.ours)
        return failed(
          `container ${vmid} (${guest.name}) does not carry the tag ${stack.tag}`,
          "Choose another appliance.vmid.",
        );
      return guest.state === "running"
        ? ok(`container ${vmid} runs`)
        : failed(`container ${vmid} is ${guest.state}`, `On the node: pct start ${vmid}.`);
    }),
  },
];

/** Of the inside of the appliance. */
const applianceChecks: readonly Check<Patient>[] = [
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
            "See that the appliance reaches the internet: its router, its resolvers (network.upstreamDns), a proxy for apt.",
          );
    }),
  },
  {
    name: "probe",
    look: inAppliance(({ status, time }, { stack }) => {
      const action = `On the node: pct exec ${stack.site.appliance.vmid} -- systemctl restart proximity-probe.`;
      if (status === undefined) return failed("has written nothing that can be read", action);
      return isStale(status, time)
        ? failed(`last looked at ${status.checked_at}`, action)
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

/** All of them. */
export const doctorChecks: readonly Check<Patient>[] = [
  ...apiChecks,
  ...nodeChecks,
  ...applianceChecks,
];
