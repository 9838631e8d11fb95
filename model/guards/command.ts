/** What must hold for one command on the node as its plugin gets it. */
import { z } from "zod";

import { splitBundle } from "../bundle";
import type { Problem } from "../problem";
import { secretIn } from "./secrets";

const inputs = z.object({
  connection: z.object({ hostKey: z.string().optional() }).optional(),
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  triggers: z.array(z.unknown()).optional(),
});

/** The inputs of a command that the rules look at. */
export type CommandInputs = Readonly<z.output<typeof inputs>>;

/** A predicate over one command; an empty list means it holds. */
export type CommandRule = (command: CommandInputs) => readonly Problem[];

/** Reads a command's inputs; throws when they have another shape than the plugin's. */
export function parseCommandInputs(value: unknown): CommandInputs {
  return inputs.parse(value);
}

/** Without a host key the plugin takes any machine's (docs/proxmox/pulumi.md 1). */
export const hasHostKey: CommandRule = ({ connection }) =>
  connection?.hostKey === undefined || connection.hostKey === ""
    ? [
        {
          path: "connection.hostKey",
          message:
            "is missing, so any machine that answers gets root's scripts. Give the node's public host key.",
        },
      ]
    : [];

/**
 * A failed command prints its whole command string, and only stdin can be kept secret in the state.
 * What is in stdin is judged where one can see whether it is (model/guards/plan.ts).
 */
export const hasNoSecretWords: CommandRule = (command) => {
  const { create, update, delete: remove, environment = {}, triggers = [] } = command;
  const texts: readonly (readonly [string, string | undefined])[] = [
    ["create", create],
    ["update", update],
    ["delete", remove],
    ...Object.entries(environment).map(([name, text]) => [`environment.${name}`, text] as const),
    ...triggers.map((text, index) => [`triggers[${index}]`, String(text)] as const),
  ];
  return texts.flatMap(([path, text]) => {
    const what = secretIn(text ?? "");
    return what === undefined
      ? []
      : [
          {
            path,
            message: `holds ${what}, which every failure would print. Send it on stdin, as a Pulumi secret.`,
          },
        ];
  });
};

/**
 * Interface types that a container can have: the provider's veth, and a raw macvlan
 * (docs/proxmox/containers-and-nics.md 1 and 4).
 */
const nicTypes: readonly string[] = ["veth", "macvlan"];

/** Raw lines for a container's configuration name no type of interface that Proxmox or the kernel lacks. */
export const hasKnownNicTypes: CommandRule = ({ create = "", stdin = "" }) => {
  const { script, files } = splitBundle(stdin);
  // What goes into a guest is the guest's own affair.
  const ours = files.filter(({ path }) => !path.startsWith("files/"));
  const text = [create, script, ...ours.map(({ content }) => content)].join("\n");
  const named = [...text.matchAll(/^\s*(lxc\.net\.\d+\.type)\s*[:=]\s*([a-z]+)\s*$/gm)];
  return named.flatMap(([, path = "", type = ""]) =>
    nicTypes.includes(type)
      ? []
      : [{ path, message: `a container has no interface of type ${type}. Use veth or macvlan.` }],
  );
};

/** Rules of Proxmox's firewall for one guest, as a command places them. */
export interface FirewallFile {
  readonly vmid: number;
  readonly path: string;
  readonly content: string;
}

/** The guests' firewall files that a command places, `firewall/VMID.fw` (docs/proxmox/firewall.md 3). */
export function firewallFiles({ stdin = "" }: CommandInputs): readonly FirewallFile[] {
  return splitBundle(stdin).files.flatMap(({ path, content }) => {
    const [, vmid] = /(?:^|\/)firewall\/(\d+)\.fw$/.exec(path) ?? [];
    return vmid === undefined ? [] : [{ vmid: Number(vmid), path, content }];
  });
}

/** A guest that the LAN or the internet reaches lets in only what is named. */
export const hasClosedFirewall: CommandRule = (command) =>
  firewallFiles(command).flatMap(({ path, content }) =>
    /^policy_in:\s*ACCEPT\s*$/m.test(content)
      ? [
          {
            path,
            message:
              "policy_in is ACCEPT, so everything not named comes in. Use DROP, and a rule for each port.",
          },
        ]
      : [],
  );
