/** Where on Proxmox a site lives, as a person writes it. */
import { z } from "zod";

import { sshHostKey } from "./host-key";
import { invalid } from "./messages";
import { port } from "./scalars";

const ssh = z.strictObject({
  host: z.string().min(1).describe("Name or address where the node's SSH answers."),
  port: port.default(22).describe("Its port."),
  hostKey: sshHostKey.describe(
    "Its public host key, one line, ed25519 or ECDSA. How to get it: docs/install.md, “The host key”.",
  ),
});

const nodeName = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
    invalid("a node's name", "Write it as the Proxmox web page shows it, such as pve."),
  );

/** What stands for a name where the program is to choose. */
export const anyNode = "auto";

export const node = z
  .strictObject({
    name: nodeName.describe(
      "The node, as the Proxmox web page names it. `auto`: the one of `node.candidates` that is online with the most free memory, chosen once and kept.",
    ),
    ssh: ssh.optional(),
    candidates: z.record(nodeName, ssh).default({}).meta({
      description: "The nodes that `auto` may choose, each with how its SSH is reached.",
      "x-key": "NODE",
    }),
    abandon: nodeName
      .optional()
      .describe(
        "The node to leave with everything of this stack on it: its containers are removed **with their disks** and recreated, empty, on the other one. Without it such a move is refused.",
      ),
  })
  .superRefine(({ name, ssh: own, candidates }, context) => {
    const refuse = (path: string, message: string) => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if (name === anyNode) {
      if (Object.keys(candidates).length === 0)
        refuse("candidates", "is missing. `auto` chooses among the nodes that stand there.");
      if (own !== undefined)
        refuse("ssh", "belongs to one node, and `auto` may choose another. Move it to candidates.");
    } else if (own === undefined && candidates[name] === undefined)
      refuse("ssh", `is missing. Write it, or add ${name} to node.candidates.`);
    else if (own !== undefined && candidates[name] !== undefined)
      refuse("ssh", `is also given by node.candidates.${name}. Keep one of them.`);
  });
