/** Texts that must never stand where a state, a log or a reviewer's page shows them. */

const kinds: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/ },
  {
    what: "an API token of Proxmox",
    pattern: /\b[\w.-]+@[\w-]+![\w.-]+=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/,
  },
  { what: "a token of a git forge", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20,})/ },
  { what: "an access key of AWS", pattern: /\bAKIA[0-9A-Z]{16}\b/ },
  { what: "a URL with a password", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/:@]+@/ },
  { what: "a hash of a password", pattern: /\$(?:[156y]|2[aby])\$[\w./$=-]{20,}/ },
];

/** What secret the text holds, in words; undefined when none is recognised. */
export function secretIn(text: string): string | undefined {
  return kinds.find(({ pattern }) => pattern.test(text))?.what;
}
