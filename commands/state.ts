/** Pulumi's state of one stack, read and corrected through the CLI, whatever backend keeps it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { nameIn } from "../model/identity";
import { containerType } from "../model/plan";
import type { StateContainer } from "../model/standing";
import { pulumi } from "./pulumi";

const resourceShape = z.looseObject({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  protect: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  dependencies: z.array(z.string()).nullish(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
});

const operationShape = z.looseObject({
  type: z.string(),
  resource: z.looseObject({
    urn: z.string(),
    type: z.string(),
    inputs: z.record(z.string(), z.unknown()).optional(),
  }),
});

const stateShape = z.looseObject({
  deployment: z
    .looseObject({
      resources: z.array(resourceShape).nullish(),
      pending_operations: z.array(operationShape).nullish(),
    })
    .nullish(),
});

/** One resource in the state. */
export type StateResource = z.output<typeof resourceShape>;

/** What `pulumi stack export` prints. */
export type State = z.output<typeof stateShape>;

/** Reads the state; its secrets stay encrypted. */
export function readState(stack: string): State {
  return stateShape.parse(JSON.parse(pulumi(["stack", "export", "--stack", stack])));
}

/** Its resources, in the order in which they depend on each other. */
export function resourcesIn({ deployment }: State): readonly StateResource[] {
  return deployment?.resources ?? [];
}

/** Operations that were under way when the last run was cut off. */
export function pendingIn({ deployment }: State) {
  return deployment?.pending_operations ?? [];
}

/** The containers in the state, of a stack with that tag. */
export function containersIn(state: State, tag: string): readonly StateContainer[] {
  return resourcesIn(state)
    .filter(({ type }) => type === containerType)
    .map(({ urn, protect, inputs = {}, outputs = {} }) => ({
      urn,
      name: nameOf(urn),
      node: String(outputs["nodeName"] ?? inputs["nodeName"]),
      vmid: Number(outputs["vmId"] ?? inputs["vmId"]),
      mark: nameIn(textOf(outputs["description"]), tag),
      protect: protect === true,
    }));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The name at the end of a URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/**
 * Removes containers from the state without touching them, together with the commands that would check
 * them before a deletion. What else belongs to them stays, and is removed from the node in its turn.
 */
export function forget(stack: string, state: State, containers: readonly StateContainer[]): void {
  const urns = new Set(containers.map(({ urn }) => urn));
  const parents = new Set(
    resourcesIn(state).flatMap(({ urn, parent }) => (urns.has(urn) && parent ? [parent] : [])),
  );
  for (const { urn, parent, inputs = {} } of resourcesIn(state))
    if (parents.has(parent ?? "") && /^bash -s -- (release|leave) /.test(textOf(inputs["delete"])))
      urns.add(urn);
  write(stack, without(state, urns));
}

function without(state: State, urns: ReadonlySet<string>): State {
  const stays = (urn: string) => !urns.has(urn);
  const resources = resourcesIn(state)
    .filter(({ urn }) => stays(urn))
    .map((resource) => ({
      ...resource,
      ...(resource.dependencies == null
        ? {}
        : { dependencies: resource.dependencies.filter(stays) }),
      ...(resource.propertyDependencies == null
        ? {}
        : {
            propertyDependencies: Object.fromEntries(
              Object.entries(resource.propertyDependencies).map(([key, list]) => [
                key,
                list?.filter(stays) ?? null,
              ]),
            ),
          }),
    }));
  return { ...state, deployment: { ...state.deployment, resources } };
}

function write(stack: string, state: State): void {
  const folder = mkdtempSync(join(tmpdir(), "proximity-state-"));
  try {
    const file = join(folder, "state.json");
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    pulumi(["stack", "import", "--stack", stack, "--file", file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
