/** How a predicate of model/guards becomes a policy: by the type of the resource that it is about. */
import type {
  Policies,
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationPolicy,
  Severity,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";

import { parseCommandInputs, type CommandInputs, type CommandRule } from "../model/guards/command";
import { parseGuestInputs, type GuestRule } from "../model/guards/container";
import type { NamedGuest } from "../model/guards/stack";
import type { Problem } from "../model/problem";

/** One of the pack's policies. */
export type PackPolicy = Policies[number];

/** What a person reads of a policy: its name, the promise it keeps, how much hangs on it, what to do. */
export interface About {
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  readonly remedy: string;
  readonly config?: PolicyConfigSchema;
}

/** Configuration that a policy was given, checked by the engine against its schema. */
type Configured<T> = (config: Readonly<Record<string, unknown>>) => T;

const containerType = "proxmoxve:index/containerLegacy:ContainerLegacy";
const commandType = "command:remote:Command";
const stackType = "pulumi:pulumi:Stack";

function toPolicy({ name, description, severity, remedy, config }: About) {
  return {
    name,
    description,
    severity,
    remediationSteps: remedy,
    enforcementLevel: "mandatory" as const,
    ...(config === undefined ? {} : { configSchema: config }),
  };
}

/** A policy over each container. */
export function containers(about: About, rule: Configured<GuestRule>): ResourceValidationPolicy {
  return {
    ...toPolicy(about),
    validateResource: (args, report) => {
      if (args.type !== containerType) return;
      tell(rule({ ...args.getConfig() })(parseGuestInputs(known(args.props))), report);
    },
  };
}

/** A policy over each command on the node. */
export function commands(about: About, rule: CommandRule): ResourceValidationPolicy {
  return {
    ...toPolicy(about),
    validateResource: ({ type, props }, report) => {
      if (type === commandType) tell(rule(parseCommandInputs(known(props))), report);
    },
  };
}

/** Everything that a policy over the whole stack looks at. */
export interface Whole {
  readonly guests: readonly NamedGuest[];
  readonly commands: readonly CommandInputs[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Set by `pulumi stack tag set production true`. */
  readonly isProduction: boolean;
}

/** A policy over the whole stack. */
export function stack(
  about: About,
  rule: (whole: Whole) => readonly Problem[],
): StackValidationPolicy {
  return {
    ...toPolicy(about),
    validateStack: (args, report) => {
      tell(rule(wholeOf(args)), report);
    },
  };
}

function wholeOf({ resources, stackTags }: StackValidationArgs): Whole {
  const ofType = (wanted: string) => resources.filter(({ type }) => type === wanted);
  return {
    guests: ofType(containerType).map(({ name, props }) => ({
      name,
      guest: parseGuestInputs(known(props)),
    })),
    commands: ofType(commandType).map(({ props }) => parseCommandInputs(known(props))),
    outputs: Object.fromEntries(
      ofType(stackType).flatMap(({ props }) => Object.entries(known(props) ?? {})),
    ),
    isProduction: stackTags.get("production") === "true",
  };
}

function tell(problems: readonly Problem[], report: ReportViolation): void {
  for (const { path, message } of problems) report(`${path}: ${message}`);
}

/**
 * Plain data without nulls, which a provider writes for what is not set, and without what a preview cannot
 * know yet: the SDK throws at access to that.
 */
function known(value: unknown): unknown {
  if (Array.isArray(value))
    return Array.from({ length: value.length }, (_, index) => known(touch(value, index)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).map((key) => [key, known(touch(value, key))] as const);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined && entry !== null));
}

function touch(holder: object, key: string | number): unknown {
  try {
    return Reflect.get(holder, key);
  } catch (error) {
    if (error instanceof Error && error.message.endsWith("can't be known during preview"))
      return undefined;
    throw error;
  }
}
