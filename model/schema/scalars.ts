/** The values that a site is written with: each says what is wrong and how to write it. */
import { z } from "zod";

import { families } from "../family";
import { isInterfaceName, isIpv4, isLabel, isUnicastMac, parseCidr, toLabel } from "../net";
import { invalid, show } from "./messages";

export const ipv4 = z.string().refine(isIpv4, invalid("an IPv4 address", "Write it as 10.20.0.1."));

const cidrError = invalid("an IPv4 network", "Write it as 10.20.0.0/24.");
export const cidr = z.string(cidrError).refine((text) => parseCidr(text) !== undefined, cidrError);

export const mac = z
  .string()
  .refine(
    isUnicastMac,
    invalid(
      "a unicast MAC address",
      "Write six pairs with an even second digit, such as 02:00:00:00:01:01.",
    ),
  );

export const label = z.string().refine(isLabel, {
  error: (issue) =>
    `${show(issue.input)} is not a host name. Use lower-case letters, digits and hyphens, such as ${toLabel(String(issue.input)) || "app-1"}.`,
});

export const interfaceName = z.string().refine(isInterfaceName, {
  error: (issue) => {
    const text = String(issue.input);
    return text.length > 15
      ? `"${text}" has ${text.length} characters and the kernel allows 15 for an interface. Choose a shorter name.`
      : `"${text}" is not an interface name. Use letters, digits, hyphen, underscore and dot.`;
  },
});

export const vmid = z
  .int()
  .min(100, {
    error: (issue) =>
      `${show(issue.input)} is below 100, and Proxmox keeps those numbers for itself. Choose 100 or more.`,
  })
  .max(999_999_999);

export const port = z.int().min(1).max(65_535);

const volumeError = invalid(
  "a volume id",
  "Write STORAGE:vztmpl/FILE, as `pveam list local` prints it.",
);
export const volumeId = z.string(volumeError).regex(/^[A-Za-z0-9][\w.-]*:[\w./-]+$/, volumeError);

export const absolutePath = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.@+-]+)+$/,
    invalid(
      "an absolute path",
      'Use letters, digits and _ . @ + - between slashes, and neither "." nor ".." alone.',
    ),
  );

/** Sizes of a container, with the defaults of its kind. */
export const sizes = (cores: number, memory: number, disk: number) => ({
  cores: z.int().min(1).max(128).default(cores).describe("CPU cores."),
  memory: z.int().min(64).default(memory).describe("Memory in MiB."),
  swap: z.int().min(0).default(0).describe("Swap in MiB."),
  disk: z.int().min(1).default(disk).describe("Root disk in GiB. It can grow."),
});

/** What a container runs. */
export const system = {
  family: z
    .enum(families)
    .default("debian")
    .describe("Its system: `debian`, or `alpine` with a `template` of its own."),
  template: volumeId.optional().meta({
    description: "Volume id of its template; needed for `alpine`.",
    "x-default": "`template` of the site",
  }),
};

const isDomain = (text: string) => text.length <= 253 && text.split(".").every(isLabel);

/** A name with or without dots; a reverse zone such as 1.168.192.in-addr.arpa is one too. */
export const domain = z
  .string()
  .refine(
    isDomain,
    invalid(
      "a domain name",
      "Use lower-case letters, digits, hyphens and dots, such as example.org.",
    ),
  );

export const headerName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9-]*$/,
    invalid("a header name", "Use letters, digits and hyphens, such as X-Frame-Options."),
  );

/**
 * Printable, without the braces that Caddy would fill in and the backtick that quotes the rest. It may be a
 * secret, so no message shows it.
 */
export const headerValue = z.string().regex(/^[ -_a-z|~]+$/, {
  error: "is not a header value. Use printable ASCII without braces and backticks.",
});

export const userName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.@-]*$/,
    invalid("a user name", "Use letters, digits and _ . @ -, such as alice."),
  );
