/** The shape of one site as a person writes it, with every default. */
import { z } from "zod";

import { isInterfaceName, isIpv4, isLabel, isUnicastMac, parseCidr, toLabel } from "./net";

const ipv4 = z.string().refine(isIpv4, {
  error: (issue) => `${show(issue.input)} is not an IPv4 address. Write it as 10.20.0.1.`,
});

const cidr = z.string().refine((text) => parseCidr(text) !== undefined, {
  error: (issue) => `${show(issue.input)} is not an IPv4 network. Write it as 10.20.0.0/24.`,
});

const mac = z.string().refine(isUnicastMac, {
  error: (issue) =>
    `${show(issue.input)} is not a unicast MAC address. Write six pairs with an even second digit, such as 02:00:00:00:01:01.`,
});

const label = z.string().refine(isLabel, {
  error: (issue) =>
    `${show(issue.input)} is no host name. Use lower-case letters, digits and hyphens, such as ${toLabel(String(issue.input)) || "app-1"}.`,
});

const interfaceName = z.string().refine(isInterfaceName, {
  error: (issue) => {
    const text = String(issue.input);
    return text.length > 15
      ? `"${text}" has ${text.length} characters and the kernel allows 15 for an interface. Choose a shorter name.`
      : `"${text}" is no interface name. Use letters, digits, hyphen, underscore and dot.`;
  },
});

const vmid = z
  .int()
  .min(100, { error: "Proxmox keeps numbers below 100 for itself. Choose 100 or more." })
  .max(999_999_999);

const port = z.int().min(1).max(65_535);

const volumeId = z.string().regex(/^[A-Za-z0-9][\w.-]*:[\w./-]+$/, {
  error: "is no volume id. Write STORAGE:vztmpl/FILE, as `pveam list local` prints it.",
});

const sshHostKey = z
  .string({
    error:
      "is missing. Without it any machine could pose as the node. Print it with `ssh-keyscan -t ecdsa HOST` and compare it with `cat /etc/ssh/ssh_host_ecdsa_key.pub` on the node's console.",
  })
  .regex(/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( .*)?$/, {
    error: "is no public host key. Write one line such as `ecdsa-sha2-nistp256 AAAA...`.",
  });

const sizes = (cores: number, memory: number, disk: number) => ({
  cores: z.int().min(1).max(128).default(cores),
  /** MiB */
  memory: z.int().min(64).default(memory),
  /** MiB */
  swap: z.int().min(0).default(0),
  /** GiB */
  disk: z.int().min(1).default(disk),
});

const file = z.strictObject({
  content: z.string(),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, { error: "is no file mode. Write it as 0644, in quotes." })
    .default("0644"),
});

const absolutePath = z.string().regex(/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.@+-]+)+$/, {
  error: (issue) =>
    `${show(issue.input)} is no absolute path. Use letters, digits and _ . @ + - between slashes, and neither "." nor ".." alone.`,
});

const app = z.strictObject({
  vmid,
  /** TCP port on which the app answers HTTP. */
  port: port.default(80),
  /** A reservation; without it the app gets an address from the pool. */
  address: ipv4.optional(),
  /** Derived from stack and app name when left out. */
  mac: mac.optional(),
  ...sizes(1, 512, 4),
  /** Debian packages to install. */
  packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/)).default([]),
  /** Whole files, by absolute path. */
  files: z.record(absolutePath, file).default({}),
  /** Services to enable, and to restart when one of the files changed. */
  services: z.array(z.string().regex(/^[A-Za-z0-9][\w.@-]*$/)).default([]),
});

const network = z.strictObject({
  bridge: interfaceName.default("proximity-lan"),
  cidr: cidr.default("10.20.0.0/24"),
  /** The appliance's address on the network; the first host when left out. */
  gateway: ipv4.optional(),
  dhcp: z
    .strictObject({
      start: ipv4.default("10.20.0.100"),
      end: ipv4.default("10.20.0.250"),
      leaseHours: z.int().min(1).max(8760).default(12),
    })
    .prefault({}),
  domain: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
    .default("prox.local"),
  upstreamDns: z.array(ipv4).min(1).default(["1.1.1.1", "8.8.8.8"]),
  /** Private networks that apps may reach all the same. */
  allow: z.array(cidr).default([]),
  /** Keep bridge and appliance when no app is left. */
  keepWhenEmpty: z.boolean().default(false),
});

const appliance = z.strictObject({
  vmid: vmid.default(100),
  hostname: label.default("prox-appliance"),
  wan: z
    .strictObject({
      bridge: interfaceName.default("vmbr0"),
      address: z.union([z.literal("dhcp"), cidr]).default("dhcp"),
      gateway: ipv4.optional(),
    })
    .prefault({}),
  ...sizes(1, 512, 8),
  /** Cockpit on port 9090 of the WAN side. */
  console: z.boolean().default(true),
});

/** The half of a site that the rules look at: what is connected to what. */
export const topologySchema = z.strictObject({
  network: network.prefault({}),
  appliance: appliance.prefault({}),
  apps: z.record(z.string(), app).default({}),
});

/** One site as written in `Pulumi.<stack>.yaml` under `site`; unknown keys are refused. */
export const siteSchema = topologySchema.extend({
  node: z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/),
    ssh: z.strictObject({
      host: z.string().min(1),
      port: port.default(22),
      hostKey: sshHostKey,
    }),
  }),
  /** Storage of the root disks. */
  storage: z
    .string()
    .regex(/^[A-Za-z][\w.-]*$/)
    .default("local-lvm"),
  /** Volume id of the Debian template. */
  template: volumeId,
});

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
