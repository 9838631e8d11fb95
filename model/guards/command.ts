/** What must hold for one command on the node as its plugin gets it. */
import { z } from "zod";

import { splitBundle } from "../bundle";
import { coversAll } from "../firewall/address";
import type { Problem } from "../problem";
import { secretIn, secretInFile } from "./secrets";

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

/** A secret belongs into the state and the preview as a Pulumi secret, whatever file it is for. */
export const hasNoSecretFiles: CommandRule = ({ stdin = "" }) =>
  splitBundle(stdin).files.flatMap(({ path, content, isSecret }) => {
    const what = isSecret ? undefined : secretInFile(content);
    return what === undefined
      ? []
      : [
          {
            path: path.replace(/^files\//, "/"),
            message: `holds ${what} in the clear, which the state and every preview show. Keep it out of the declaration, or make it a Pulumi secret.`,
          },
        ];
  });

/** RFC 1918: whoever reaches all of it reaches the LAN, the node and every other guest. */
const privateNetworks: readonly string[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** What `network.allow` opens leaves something closed (render/nftables.ts). */
export const hasNarrowEgress: CommandRule = ({ stdin = "" }) =>
  splitBundle(stdin).files.flatMap(({ content }) => {
    const allowed = [...content.matchAll(/ ip saddr \S+ ip daddr (\S+) accept$/gm)].map(
      ([, network = ""]) => network,
    );
    return !/^table inet proximity \{$/m.test(content) ||
      !privateNetworks.every((network) => coversAll(allowed, network))
      ? []
      : [
          {
            path: "network.allow",
            message: `${allowed.join(", ")} opens every private network: apps reach the LAN, the node and all other guests. List only the addresses that they need.`,
          },
        ];
  });
