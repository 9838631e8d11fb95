/** What the guest scripts print about what they saw, checked before anyone believes it. */
import { z } from "zod";

import { isIpv4 } from "./net";
import { readOutput } from "./notices";

const address = z.string().refine(isIpv4);

const works = z.object({
  wanAddress: address,
  lanAddress: address,
  failed: z.undefined().optional(),
});
const fails = z.object({
  failed: z.string().min(1),
  wanAddress: z.undefined().optional(),
  lanAddress: z.undefined().optional(),
});
const appliance = z.union([works, fails]);
const onLan = { publicAddress: z.union([address, z.literal("")]), publicMac: z.string() };
const app = z.object({ address, listening: z.boolean(), ...onLan });

/**
 * The appliance's own view, printed by scripts/guest/appliance-services.sh, or why there is none, from
 * scripts/node/guest.sh.
 */
export type ObservedAppliance = Readonly<z.output<typeof appliance>>;

/** One app's own view, printed by scripts/guest/app.sh. */
export type ObservedApp = Readonly<z.output<typeof app>>;

/** Parses the appliance's line; undefined when it was not looked at, throws on any other line. */
export function parseAppliance(line: string | undefined): ObservedAppliance | undefined {
  return parse("appliance-services.sh", appliance, line);
}

const guest = z.object({
  address,
  ...onLan,
  openPorts: z.array(z.number()),
});

/** A guest's own view, printed by scripts/guest/guest.sh. */
export type ObservedGuest = Readonly<z.output<typeof guest>>;

/** Parses a guest's line; undefined when it was not looked at, throws on any other line. */
export function parseGuest(line: string | undefined): ObservedGuest | undefined {
  return parse("guest.sh", guest, line);
}

/** Parses an app's line; undefined when it was not looked at, throws on any other line. */
export function parseApp(line: string | undefined): ObservedApp | undefined {
  return parse("app.sh", app, line);
}

function parse<T>(script: string, shape: z.ZodType<T>, line: string | undefined): T | undefined {
  // An update of chosen resources (`--target`) has no output of the commands it leaves out.
  if (line === undefined) return undefined;
  const result = shape.safeParse(fromJson(readOutput(line).answer));
  if (result.success) return result.data;
  throw new Error(`${script} printed ${JSON.stringify(line)} where its observations belong`);
}

function fromJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
