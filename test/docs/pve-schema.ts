/** What the official API schema says about a call, where somebody put it beside the checkout. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { project } from "./markdown";

/** The versions that the README names. */
export const versions = ["8.4", "9.1"] as const;

const schema = z.object({
  methods: z.array(
    z.object({
      path: z.string(),
      method: z.string(),
      permissions: z.unknown().optional(),
      parameters: z.object({ properties: z.record(z.string(), z.unknown()).default({}) }),
    }),
  ),
});

/** One call of the API. */
export type Method = z.output<typeof schema>["methods"][number];

/** Every call of a version; undefined, with a line on why, where there is no schema for it. */
export function methodsOf(version: (typeof versions)[number]): readonly Method[] | undefined {
  const file = join(project, "..", "shared", "pve-api", `pve-${version}.json`);
  if (existsSync(file)) return schema.parse(JSON.parse(readFileSync(file, "utf8"))).methods;
  console.log(`      skipped: the schema of Proxmox VE ${version} is not at ${file}`);
  return undefined;
}

/** Every privilege that a permission, or a list of calls, names. */
export function privilegesIn(value: unknown): ReadonlySet<string> {
  const names = JSON.stringify(value).match(
    /(?<=")(VM|Sys|Datastore|SDN|Pool|Mapping)\.[A-Za-z.]+(?=")/g,
  );
  return new Set(names ?? []);
}
