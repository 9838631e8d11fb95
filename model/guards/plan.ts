/**
 * What must hold for a plan: what goes, and what would be seen. Policies look at what is to be, not at
 * what is taken away, and cannot tell secrets from plain text; so these are asked by `make preview`.
 */
import { z } from "zod";

import { isContainer, isOfApp, leavesOf, type Step } from "../plan";
import type { Problem } from "../problem";
import { secretIn } from "./secrets";

/** Names and settings of the rules of a plan, beside those of the pack in policies/config.json. */
export const planConfig = z.object({
  protected: z
    .object({ acknowledged: z.array(z.string()).default([]) })
    .prefault({})
    .describe("Resources whose loss was agreed to, by name."),
  "removal-limit": z
    .object({ limit: z.int().min(0).default(3) })
    .prefault({})
    .describe("How many apps one update may remove."),
});

/** The configuration, defaults filled in. */
export type PlanConfig = z.output<typeof planConfig>;

/** A broken rule of a plan. */
export interface PlanViolation extends Problem {
  readonly rule: "protected" | "removal-limit" | "no-plain-secrets";
}

/** Everything that is wrong with the plan. */
export function checkPlan(steps: readonly Step[], config: PlanConfig): readonly PlanViolation[] {
  return [
    ...keepsProtected(steps, config.protected.acknowledged),
    ...removesFew(steps, config["removal-limit"].limit),
    ...showsNoSecret(steps),
  ];
}

function isLost(step: Step): boolean {
  return isContainer(step) && (step.operation === "delete" || step.operation === "replace");
}

function keepsProtected(
  steps: readonly Step[],
  acknowledged: readonly string[],
): readonly PlanViolation[] {
  return steps
    .filter((step) => isLost(step) && !isOfApp(step) && !acknowledged.includes(step.name))
    .map(({ name, operation }) => ({
      rule: "protected",
      path: name,
      message: `would be ${operation === "delete" ? "removed" : "made anew, empty"}, and others depend on it. If that is meant, add "${name}" to protected.acknowledged in policies/config.json.`,
    }));
}

function removesFew(steps: readonly Step[], limit: number): readonly PlanViolation[] {
  const gone = steps.filter((step) => isLost(step) && isOfApp(step)).map(({ name }) => name);
  return gone.length <= limit
    ? []
    : [
        {
          rule: "removal-limit",
          path: gone.join(", "),
          message: `${gone.length} apps would be lost with their disks, and ${limit} may be in one update. Remove them in several, or raise removal-limit.limit in policies/config.json.`,
        },
      ];
}

function showsNoSecret(steps: readonly Step[]): readonly PlanViolation[] {
  return steps.flatMap(({ name, after }) =>
    [...leavesOf(after)].flatMap(([path, text]) => {
      const what = secretIn(text);
      return what === undefined
        ? []
        : [
            {
              rule: "no-plain-secrets" as const,
              path: `${name}.${path}`,
              message: `holds ${what} in the clear, in the state as well. Keep it as a Pulumi secret.`,
            },
          ];
    }),
  );
}
