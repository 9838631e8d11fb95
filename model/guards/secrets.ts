/** Texts that must never stand where a state, a log or a reviewer's page shows them. */

/** Every repetition that may begin anywhere has a limit, or a long text would take time by its square. */
interface Kind {
  readonly what: string;
  readonly pattern: RegExp;
}

const tokens: readonly Kind[] = [
  {
    what: "an API token of Proxmox",
    pattern:
      /\b[\w.-]{1,64}@[\w-]{1,64}![\w.-]{1,64}=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/,
  },
  {
    what: "a token of a git forge",
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|glpat-[\w-]{20,})/,
  },
  { what: "an access key of AWS", pattern: /\b(?:AKIA|ASIA)(?![0-9A-Z]*EXAMPLE)[0-9A-Z]{16}\b/ },
  { what: "a token of Slack", pattern: /\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{16,}/ },
  { what: "a key of Stripe", pattern: /\b[rs]k_live_[A-Za-z0-9]{16,}/ },
  { what: "a key of age", pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}/ },
  {
    what: "a URL with a password",
    pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{1,256}:(?!password@|[$<{*%])[^\s/:@]{1,256}@/i,
  },
];

const anywhere: readonly Kind[] = [
  { what: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  ...tokens,
  { what: "a hash of a password", pattern: /\$(?:[156y]|2[aby])\$[\w./$=-]{20,}/ },
];

/** A file may name a key's first line and hold hashes; what it may not hold is the key itself. */
const inFiles: readonly Kind[] = [
  {
    what: "a private key",
    pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[^]{0,200}?[A-Za-z0-9+/=]{40}/,
  },
  ...tokens,
];

/** What secret the text holds, in words; undefined when none is recognized. */
export function secretIn(text: string): string | undefined {
  return anywhere.find(({ pattern }) => pattern.test(text))?.what;
}

/** The same for the content of a file: hashes are allowed, and values of passwords and keys are looked at. */
export function secretInFile(text: string): string | undefined {
  const known = inFiles.find(({ pattern }) => pattern.test(text))?.what;
  if (known !== undefined) return known;
  const [, key] =
    [...text.matchAll(assignment)].find(
      ([, name = "", value = ""]) => !describes.test(name) && isRandom(value),
    ) ?? [];
  return key === undefined ? undefined : `a value for ${key}`;
}

/** `DB_PASSWORD=...`, `password: "..."`, `<password>...</password>`: the name, and the value as one word. */
const assignment =
  /(?<![\w.-])([\w.-]{0,64}(?:passw(?:or)?d|passphrase|secret|token|api_?-?key|private_?-?key|access_?-?key|preshared_?-?key)\w{0,64})["']?\s*(?:[:=]|=>|>)\s*["']?([^\s"'`,;<>]+)/gi;

/** Names whose value is about a secret and not one itself. */
const describes =
  /hash|digest|sha\d|md5|crypt|public|file|path|dir|url|uri|name|user|type|min|max|len|ttl|expir|age$|id$/i;

const placeholder =
  /change|replace|example|sample|placeholder|your|dummy|insert|default|redacted|todo|x{4}|\*{3}|0{6}|12345/i;

/**
 * Whether a value looks like one that a machine made: long, of mixed characters, and not a few words with
 * separators. What a person would think of is not recognized; a false alarm would cost more.
 */
function isRandom(value: string): boolean {
  if (!/^[A-Za-z0-9+/=_.~!@#^&*:-]{12,}$/.test(value) || /^[/.~]|:\/\//.test(value)) return false;
  if (placeholder.test(value) || /^(sha|md)\d+[:-]/i.test(value)) return false;
  const isWords = value.split(/[-_.:/@]/).every((part) => /^([A-Za-z]*|\d{1,4}|v\d+)$/.test(part));
  const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((one) => one.test(value)).length;
  return !isWords && (classes === 3 || (classes === 2 && value.length >= 20)) && entropy(value) > 3;
}

/** Shannon's entropy, in bits for each character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  return [...counts.values()]
    .map((count) => count / text.length)
    .reduce((sum, share) => sum - share * Math.log2(share), 0);
}
