import assert from "node:assert/strict";

import { sshHostKey } from "../../model/schema/host-key";

describe("node.ssh.hostKey", () => {
  const ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9XmYIgcwVQzHUBcnJE+87zK9+cUTaACxJRE6ToEY9q";
  const ecdsa =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBB2JcM+rUvhyyZ3OnOsVOnMaktkxC6jg1LFFKZhNlKggTJP5sw4AD1EGIg4Gi4K5E+fkonXgZxXLQ8wDj7FIxNM=";
  const problemOf = (hostKey: string) => sshHostKey.safeParse(hostKey).error?.issues[0]?.message;

  for (const [what, hostKey] of [
    ["an ed25519 key", ed25519],
    ["an ECDSA key", ecdsa],
    ["a comment behind the key", `${ed25519} root@pve1`],
    ["a newline at the end, as of a YAML block", `${ed25519}\n`],
  ] as const)
    it(`accepts ${what}`, () => {
      assert.equal(problemOf(hostKey), undefined);
    });

  for (const [what, hostKey, message] of [
    ["an RSA key", "ssh-rsa AAAAB3NzaC1yc2E=", /is an RSA key, which.*can't verify.*-t ed25519/],
    ["several lines", `${ed25519}\n${ecdsa}`, /has 2 lines\. Keep the one of a single key/],
    ["a line of ssh-keyscan", `192.168.1.10 ${ed25519}`, /host name 192\.168\.1\.10\. Leave/],
    ["the placeholder of the documentation", "ssh-ed25519 AAAA...", /not a complete ssh-ed25519/],
    ["a key that is cut off", ed25519.slice(0, -8), /not a complete ssh-ed25519 key/],
    ["the key of another type", ed25519.replace("ssh-ed25519", "ecdsa-sha2-nistp256"), /complete/],
    ["a fingerprint", "SHA256:8mYg0e", /is not a public host key.*ssh-keyscan/],
  ] as const)
    it(`refuses ${what}`, () => {
      assert.match(problemOf(hostKey) ?? "", message);
    });
});
