/** What can be wrong around a site, in the order in which one thing needs the other. */
import { z } from "zod";

import { containerProblems, declaredContainers } from "../../model/containers";
import { datastoreOf } from "../../model/preflight";
import { failed, ok, warning, type Check } from "../checks";
import { messageOf } from "../main";
import { get } from "../proxmox";
import { configSize } from "../stack";
import { applianceChecks } from "./appliance";
import { lanDns } from "./lan-dns";
import { onNode, type Patient } from "./patient";
import { neededPrivileges } from "./privileges";

const version = z.object({ version: z.string() });
const nodes = z.array(z.object({ node: z.string(), status: z.string() }));
const permissions = z.record(z.string(), z.record(z.string(), z.number()));
const contents = z.array(z.object({ volid: z.string() }));
const storage = z.object({
  active: z.number().optional(),
  content: z.string().optional(),
  avail: z.number().optional(),
});

/**
 * The longest string that Linux takes in a program's environment, its last byte a NUL: MAX_ARG_STRLEN of
 * execve(2), 32 pages. Beyond it Pulumi cannot start the program.
 */
const CONFIG_LIMIT = 32 * 4096;

/** Of what is written on this machine. */
const declarationSize: Check<Patient> = {
  name: "declaration's size",
  look: ({ stack }) => {
    const size = configSize(stack.configuration);
    const seen = `${Math.ceil(size / 1024)} KiB of the ${CONFIG_LIMIT / 1024} KiB that Pulumi can hand to its program`;
    const action =
      "Move long texts under files into files of their own, and name them with source instead of content.";
    if (size > CONFIG_LIMIT) return failed(seen, action);
    return size > 0.8 * CONFIG_LIMIT ? warning(seen, action) : ok(seen);
  },
};

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
          messageOf(error),
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
        ? ok("all that docs/token.md names")
        : failed(
            `missing: ${missing.join(", ")}`,
            "Grant the role as in docs/install.md, section Token.",
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
          messageOf(error),
          "Check node.ssh.host and port, that the key is in /root/.ssh/authorized_keys, and the host key (docs/install.md, The host key).",
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
  {
    name: "containers",
    look: onNode(({ listed }, { stack: { site } }) => {
      const declared = declaredContainers(site);
      const problems = containerProblems(declared, listed);
      const [first] = problems;
      if (first === undefined) return ok(`all ${declared.length} run, with room on their disks`);
      return failed(
        problems.map(({ message }) => message).join(" "),
        [...new Set(problems.map(({ name, action }) => `${name}: ${action}`))].join(" "),
      );
    }),
  },
];

/** All of them. */
export const doctorChecks: readonly Check<Patient>[] = [
  declarationSize,
  ...apiChecks,
  ...nodeChecks,
  ...applianceChecks,
  lanDns,
];
