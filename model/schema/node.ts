/** Where on Proxmox a site lives, as a person writes it. */
import { z } from "zod";

import { port } from "./scalars";

const sshHostKey = z
  .string({
    error:
      "is missing. Without it any machine could pose as the node. Print it with `ssh-keyscan -t ecdsa HOST` and compare it with `cat /etc/ssh/ssh_host_ecdsa_key.pub` on the node's console.",
  })
  .regex(/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( .*)?$/, {
    error: "is no public host key. Write one line such as `ecdsa-sha2-nistp256 AAAA...`.",
  });

const ssh = z.strictObject({
  host: z.string().min(1).describe("Name or address where the node's SSH answers."),
  port: port.default(22).describe("Its port."),
  hostKey: sshHostKey.describe(
    "Its public host key, one line; the README's section “The host key” tells how to get it.",
  ),
});

export const node = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/)
    .describe("The node, as the Proxmox web page names it."),
  ssh,
});
