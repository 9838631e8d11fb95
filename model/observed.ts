/** What the guest scripts print about what they saw, checked before anyone believes it. */
import { z } from "zod";

import { isIpv4 } from "./net";

const address = z.string().refine(isIpv4);

const appliance = z.object({ wanAddress: address, lanAddress: address });
const app = z.object({ address, listening: z.boolean() });

/** The appliance's own view, printed by scripts/guest/appliance-services.sh. */
export type ObservedAppliance = Readonly<z.output<typeof appliance>>;

/** One app's own view, printed by scripts/guest/app.sh. */
export type ObservedApp = Readonly<z.output<typeof app>>;

/** Parses the appliance's line; throws with the line when it is something else. */
export function parseAppliance(line: string): ObservedAppliance {
  return parse("appliance-services.sh", appliance, line);
}

/** Parses an app's line; throws with the line when it is something else. */
export function parseApp(line: string): ObservedApp {
  return parse("app.sh", app, line);
}

function parse<T>(script: string, shape: z.ZodType<T>, line: string): T {
  const result = shape.safeParse(fromJson(line));
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
