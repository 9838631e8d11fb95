/** The checklist of the network appliance, line by line as it was written down, each looked at. */
import { toNumber } from "../../model/net";
import { statusSchema } from "../../model/status";
import { pathOf } from "../../render/caddy/app";
import { statusPort } from "../../render/caddy/status";
import { failed, ok, type Check } from "../checks";
import { runOnNode } from "../on-node";
import { previewAsDeclared, previewFromNothing, previewWithoutApps } from "./preview";
import {
  all,
  changes,
  codes,
  doctor,
  freshStatus,
  isAnswer,
  isAppliance,
  isBridge,
  wanOf,
  type Subject,
} from "./subject";

/** The lines, in their order. */
export const platinumLines: readonly Check<Subject>[] = [
  {
    name: "Backend starts successfully",
    look: ({ stack }) => {
      const changed = changes(previewAsDeclared(stack)).length;
      return ok(`the program runs; an update would change ${changed} resources (previewed)`);
    },
  },
  {
    name: "Network appliance initialized",
    look: async (subject) => {
      const { files, appliance, network } = await freshStatus(subject);
      const wrong = files.filter(({ state }) => state !== "intact");
      return all(
        `WAN ${appliance.wan_ip ?? "none"}, LAN ${appliance.lan_ip ?? "none"}, all ${files.length} files as placed`,
        [
          ...wrong.map(({ path, state }) => `${path} is ${state}`),
          ...(appliance.wan_ip === null ? ["no WAN address"] : []),
          ...(appliance.lan_ip === network.gateway
            ? []
            : [`no ${network.gateway} on the LAN side`]),
        ],
        doctor,
      );
    },
  },
  {
    name: "proximity-lan bridge created",
    look: async ({ stack, view }) => {
      const { bridge } = await view();
      const name = stack.site.network.bridge;
      return all(
        `${name} is up on the node, without an address`,
        bridge.exists
          ? [
              ...(bridge.up ? [] : [`${name} is down`]),
              ...bridge.addresses.map((address) => `the node has ${address} on ${name}`),
            ]
          : [`there is no ${name} on the node`],
        doctor,
      );
    },
  },
  {
    name: "Appliance LXC (VMID 100) running",
    look: async ({ stack, view }) => {
      const { vmid, hostname } = stack.site.appliance;
      const guest = (await view()).guests.find((one) => one.vmid === vmid);
      return guest?.state === "running" && guest.ours
        ? ok(`${hostname} is VMID ${vmid}, running, with the tag ${stack.tag}`)
        : failed(
            guest === undefined
              ? `there is no container ${vmid}`
              : `container ${vmid} is ${guest.state}${guest.ours ? "" : ", and not this stack's"}`,
            doctor,
          );
    },
  },
  {
    name: "All 4 services running in appliance",
    look: async (subject) => {
      const services = Object.entries((await freshStatus(subject)).services);
      return all(
        services
          .map(([name, { declared }]) => (declared ? name : `${name} (declared off)`))
          .join(", "),
        services
          .filter(([, { declared, healthy }]) => declared && !healthy)
          .map(([name, { reason }]) => `${name}: ${reason ?? "not healthy"}`),
        doctor,
      );
    },
  },
  {
    name: "New app deployments use proximity-lan",
    look: async ({ stack, view }) => {
      const { guests } = await view();
      const { apps, network } = stack.site;
      const wrong = apps.flatMap(({ name, vmid, publicInterface: nic }) => {
        const guest = guests.find((one) => one.vmid === vmid);
        if (guest === undefined) return [`${name} has no container`];
        // An address of its own on the LAN was declared; as macvlan it is no bridge's port.
        const own = nic?.type === "veth" ? [nic.bridge] : [];
        return guest.bridges.join() === [network.bridge, ...own].join()
          ? []
          : [`${name} is on ${guest.bridges.join(", ") || "no bridge"}`];
      });
      return all(`${apps.length} apps are on ${network.bridge} and on nothing else`, wrong, doctor);
    },
  },
  {
    name: "Apps get DHCP addresses",
    look: async (subject) => {
      const { apps, network } = subject.stack.site;
      const { applications } = await freshStatus(subject);
      const inRange = (ip: string) =>
        toNumber(ip) >= toNumber(network.dhcp.start) && toNumber(ip) <= toNumber(network.dhcp.end);
      const wrong = apps.flatMap(({ name, address }) => {
        const ip = applications.find(({ hostname }) => hostname === name)?.ip ?? undefined;
        if (ip === undefined) return [`${name} has no lease`];
        const good = address === undefined ? inRange(ip) : ip === address;
        return good ? [] : [`${name} has ${ip}`];
      });
      return all(
        `${apps.length} leases, of ${network.dhcp.start} - ${network.dhcp.end} or reserved`,
        wrong,
        doctor,
      );
    },
  },
  {
    name: "DNS resolution works",
    look: async (subject) => {
      const { stack } = subject;
      const { applications } = await freshStatus(subject);
      const [first] = stack.site.apps;
      if (first === undefined) return ok("no app is declared");
      const names = applications.map(({ dns_name }) => dns_name);
      const args = ["names", String(first.vmid), ...names];
      const answers = (await runOnNode(stack, { script: "ask.sh", args })).trim().split("\n");
      const wrong = applications.flatMap(({ dns_name, ip }, index) =>
        answers[index] === `${dns_name} ${ip ?? ""}` && ip !== null
          ? []
          : [`${answers[index] ?? dns_name} where ${ip ?? "no address"} is the lease`],
      );
      return all(
        `inside ${first.name}: ${names.join(", ")} are the leases' addresses`,
        wrong,
        doctor,
      );
    },
  },
  {
    name: "Reverse proxy vhosts created automatically",
    look: async (subject) => {
      const { domain } = subject.stack.site.network;
      const lines = await codes(subject, await wanOf(subject), ({ name }) => [
        `${name}.${domain}`,
        "/",
      ]);
      return all(
        lines.join(", "),
        lines.filter((line) => !isAnswer(line)),
        doctor,
      );
    },
  },
  {
    name: "Apps accessible via proxy URL",
    look: async (subject) => {
      const wan = await wanOf(subject);
      const { domain } = subject.stack.site.network;
      const lines = await codes(subject, wan, (app) => {
        const path = pathOf(app);
        return path === null ? [`${app.name}.${domain}`, "/"] : [wan, path];
      });
      return all(
        `http://${wan}:8080/<app>/: ${lines.join(", ")}`,
        lines.filter((line) => !isAnswer(line)),
        doctor,
      );
    },
  },
  {
    name: "Infrastructure status API works",
    look: async (subject) => {
      const wan = await wanOf(subject);
      const path = "/api/v1/system/infrastructure/status";
      const args = ["body", wan, String(statusPort), wan, path];
      const body = await runOnNode(subject.stack, { script: "ask.sh", args });
      const status = statusSchema.parse(JSON.parse(body));
      return status.health_status === "healthy"
        ? ok(`http://${wan}:${statusPort}${path} says healthy`)
        : failed(
            `it says ${status.health_status}: ${status.problems.map(({ message }) => message).join(" ")}`,
            doctor,
          );
    },
  },
  {
    name: "Smart cleanup works on last app deletion",
    look: ({ stack }) => {
      const steps = previewWithoutApps(stack);
      const left = steps.filter(({ op }) => op !== "delete");
      const goes = steps.some((step) => isBridge(step, stack));
      const wrong = [
        ...left.map(({ op, name }) => `${name}: ${op}`),
        ...(goes ? [] : ["the bridge would not be removed"]),
        ...(steps.some((step) => isAppliance(step, stack)) ? [] : ["the appliance would not go"]),
      ];
      return all(
        `without apps, all ${steps.length} resources would go, bridge and appliance too (previewed, not done)`,
        wrong,
        "Run the update first; a site that is not there has nothing to clean up.",
      );
    },
  },
  {
    name: "Auto-reinit works on next deployment",
    look: ({ stack }) => {
      const steps = previewFromNothing(stack);
      const created = steps.filter(({ op }) => op === "create");
      const missing = stack.site.apps.filter(
        ({ name }) => !created.some((step) => step.name === name),
      );
      return all(
        `from an empty state, bridge, appliance and ${stack.site.apps.length} apps would be made (previewed, not done)`,
        [
          ...(created.some((step) => isBridge(step, stack)) ? [] : ["no bridge would be made"]),
          ...(created.some((step) => isAppliance(step, stack))
            ? []
            : ["no appliance would be made"]),
          ...missing.map(({ name }) => `${name} would not be made`),
        ],
        doctor,
      );
    },
  },
];
