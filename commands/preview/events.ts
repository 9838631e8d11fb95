/** Reads the engine's event log (`--event-log`, the form that the Automation API reads too). */
import { z } from "zod";

import type { Exposure } from "../../model/exposure";
import { containerType, type Operation, type Step } from "../../model/plan";

const state = z.object({
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).nullish(),
});
const stackOutputs = z.object({
  exposed: z.record(z.string(), z.string()).optional(),
});
const outputsOf = z.object({ outputs: stackOutputs.nullish() }).nullish();
const event = z.object({
  resourcePreEvent: z
    .object({
      metadata: z.object({
        op: z.string(),
        urn: z.string(),
        type: z.string(),
        old: state.nullish(),
        new: state.nullish(),
        diffs: z.array(z.string()).nullish(),
      }),
    })
    .optional(),
  resOutputsEvent: z
    .object({
      metadata: z.looseObject({ type: z.string(), old: z.unknown(), new: z.unknown() }),
    })
    .optional(),
  policyEvent: z
    .object({
      resourceUrn: z.string().optional(),
      message: z.string(),
      policyName: z.string(),
      enforcementLevel: z.string(),
    })
    .optional(),
  diagnosticEvent: z
    .object({ urn: z.string().optional(), message: z.string(), severity: z.string() })
    .optional(),
  summaryEvent: z.object({ resourceChanges: z.record(z.string(), z.number()) }).optional(),
});

/** A policy of the pack that was broken. */
export interface Violation {
  readonly policy: string;
  readonly level: string;
  readonly resource: string;
  readonly message: string;
}

/** What one preview said. */
export interface Preview {
  readonly stack: string;
  readonly steps: readonly Step[];
  readonly violations: readonly Violation[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What is open to the LAN before and after; undefined where no update or this preview said so. */
  readonly exposure: {
    readonly before: Exposure | undefined;
    readonly after: Exposure | undefined;
  };
  /** The apps that are there afterwards. */
  readonly apps: readonly string[];
  /** How many resources per operation, `same` included. */
  readonly counts: Readonly<Record<string, number>>;
}

const operations: readonly string[] = ["create", "update", "delete", "replace"];

/** Reads one event per line; lines of other events are passed over. */
export function readEvents(stack: string, log: string): Preview {
  const events = log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => event.parse(JSON.parse(line)));
  const said = (severity: string) =>
    events.flatMap(({ diagnosticEvent: one }) =>
      one?.severity === severity ? [one.message.trim()] : [],
    );
  return {
    stack,
    steps: events.flatMap(({ resourcePreEvent }) =>
      resourcePreEvent === undefined ? [] : toStep(resourcePreEvent.metadata),
    ),
    violations: events.flatMap(({ policyEvent: one }) =>
      one === undefined
        ? []
        : [
            {
              policy: one.policyName,
              level: one.enforcementLevel,
              resource: nameOf(one.resourceUrn ?? ""),
              message: one.message.trim(),
            },
          ],
    ),
    errors: said("error"),
    warnings: said("warning"),
    exposure: exposureIn(events),
    apps: events.flatMap(({ resourcePreEvent: one }) =>
      one === undefined || !isAppThatStays(one.metadata) ? [] : [nameOf(one.metadata.urn)],
    ),
    counts: events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {},
  };
}

function exposureIn(events: readonly z.output<typeof event>[]): Preview["exposure"] {
  const stack = events.flatMap(({ resOutputsEvent: one }) =>
    one?.metadata.type === "pulumi:pulumi:Stack" ? [one.metadata] : [],
  );
  const exposed = (value: unknown) => outputsOf.parse(value)?.outputs?.exposed;
  return { before: exposed(stack.at(-1)?.old), after: exposed(stack.at(-1)?.new) };
}

type Metadata = NonNullable<z.output<typeof event>["resourcePreEvent"]>["metadata"];

function toStep({ op, urn, type, old, new: now, diffs }: Metadata): readonly Step[] {
  if (!isOperation(op)) return [];
  const before = old?.inputs ?? {};
  const after = now?.inputs ?? {};
  // Of what was imported, the state has fewer inputs than are declared; the provider knows which differ.
  const same = Object.entries(after).filter(([key]) => diffs?.includes(key) === false);
  return [
    {
      operation: op,
      name: nameOf(urn),
      type,
      component: componentOf((now ?? old)?.parent ?? ""),
      before: op === "create" ? {} : { ...before, ...Object.fromEntries(same) },
      after: op === "delete" ? {} : after,
    },
  ];
}

function componentOf(parent: string): Step["component"] {
  return { type: parent.split("::")[2]?.split("$").at(-1) ?? "", name: nameOf(parent) };
}

/** Each app once: a replacement has further events of its own. */
function isAppThatStays({ op, urn, type }: Metadata): boolean {
  return (
    type === containerType &&
    urn.includes(":AppContainer$") &&
    ["same", "create", "update", "replace"].includes(op)
  );
}

function isOperation(op: string): op is Operation {
  return operations.includes(op);
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
