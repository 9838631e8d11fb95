/** The node's public host key, as a person writes it. */
import { z } from "zod";

const howTo =
  "Print it with `ssh-keyscan -t ed25519 HOST`, leave out the host name in front, and compare it with `cat /etc/ssh/ssh_host_ed25519_key.pub` on the node's console";

const wanted = `Write one line such as \`ssh-ed25519 AAAA...\`. ${howTo}.`;

/**
 * Key types that both SSH clients accept, with the lengths in bytes of what follows the type's name in the
 * key: the ed25519 key (RFC 8709, 4), or curve name and point (RFC 5656, 3.1).
 */
const types: Readonly<Record<string, readonly number[]>> = {
  "ssh-ed25519": [32],
  "ecdsa-sha2-nistp256": [8, 65],
  "ecdsa-sha2-nistp384": [8, 97],
  "ecdsa-sha2-nistp521": [8, 133],
};

/** One public key in authorized_keys form (sshd(8)), without a host name in front. */
export const sshHostKey = z
  .string({
    error: ({ input }) =>
      input === undefined
        ? `is missing. Without it any machine could pose as the node. ${howTo}.`
        : undefined,
  })
  .trim()
  .superRefine((text, context) => {
    const message = problemOf(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  // For editors, which read docs/stack.schema.json.
  .meta({
    pattern: "^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( .*)?\\s*$",
  });

function problemOf(text: string): string | undefined {
  const lines = text.split("\n").length;
  if (lines > 1) return `has ${lines} lines. Keep the one of a single key. ${wanted}`;
  const [type = "", key = ""] = text.split(/\s+/);
  if (type === "ssh-rsa")
    return `is an RSA key, which Pulumi's command plugin can't verify: it asks for a signature with SHA-1, and OpenSSH has refused these since 8.8. ${wanted}`;
  const lengths = types[type];
  if (lengths === undefined) {
    return types[key] === undefined
      ? `is not a public host key. ${wanted}`
      : `begins with the host name ${type}. Leave it out.`;
  }
  if (isWhole(type, key, lengths)) return undefined;
  return `is not a complete ${type} key: what follows the type is cut off, mistyped or still a placeholder. ${wanted}`;
}

/** Whether it is the base64 of fields with a length each (RFC 4251, 5: `string`), the first being the type. */
function isWhole(type: string, key: string, lengths: readonly number[]): boolean {
  const bytes = Buffer.from(key, "base64");
  if (bytes.toString("base64") !== key) return false;
  let at = 0;
  for (const length of [type.length, ...lengths]) {
    if (bytes.length < at + 4 || bytes.readUInt32BE(at) !== length) return false;
    at += 4 + length;
  }
  return at === bytes.length && bytes.toString("latin1", 4, 4 + type.length) === type;
}
