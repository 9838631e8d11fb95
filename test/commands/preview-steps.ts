/** The steps of a preview from one declaration to another, without the engine. */
import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppContainer } from "../../components/app-container";
import { Appliance } from "../../components/appliance";
import { Bridge } from "../../components/bridge";
import { nodeOf } from "../../components/node";
import { exposureOf, type Exposure } from "../../model/exposure";
import { containerType, type Operation, type Step } from "../../model/plan";
import { recorded, startMocks, type Recorded } from "../support/mocks";
import { minimal, noSecrets, plan, site } from "../support/sites";

/** What a test changes of a declaration. */
export interface Declared {
  network?: Record<string, unknown>;
  apps: Record<string, Record<string, unknown>>;
}

/** The declaration before the change. */
export const base = (): Declared => ({
  network: { upstreamDns: ["192.168.1.1"] },
  apps: {
    notes: { vmid: 102, port: 8000, address: "10.20.0.20" },
    web: { vmid: 101, packages: ["nginx-light"], services: ["nginx"] },
  },
});

/** The resources of a declaration as index.ts makes them. */
async function declare(written: Declared): Promise<readonly Recorded[]> {
  const value = { ...minimal, ...written };
  const whole = site(value);
  const { apps, hasGateway } = plan(value);
  const { bridge: name } = whole.network;
  startMocks();
  const node = nodeOf(whole, "proximity-lan-dev", pulumi.secret("KEY"));
  const behind = apps.filter(({ place }) => place === "platinum").map(({ app }) => app);
  const appliance = hasGateway
    ? new Appliance(whole.appliance.hostname, {
        ...{
          node,
          site: { ...whole, apps: behind },
          bridge: new Bridge(name, { node, bridge: name }),
          secrets: noSecrets,
        },
      })
    : undefined;
  for (const placement of apps)
    new AppContainer(placement.app.name, { node, placement, site: whole, appliance });
  if (apps.length > 0) await pulumi.runtime.disconnect();
  return recorded.map((one) => structuredClone(one));
}

/** The steps from one declaration to another, as the provider and the command plugin decide them. */
export async function stepsTo(change: (site: Declared) => void) {
  const changed = base();
  change(changed);
  const old = await declare(base());
  const now = await declare(changed);
  const names = [...new Set([...old, ...now].map(({ name, type }) => `${type}|${name}`))];
  const steps = names.flatMap((key): readonly Step[] => {
    const find = (all: readonly Recorded[]) => all.find((r) => `${r.type}|${r.name}` === key);
    const before = find(old);
    const after = find(now);
    const one = after ?? before;
    assert.ok(one);
    if (!one.type.startsWith("command:") && one.type !== containerType) return [];
    const masked = (r?: Recorded) => mask(r?.inputs ?? {});
    const operation = operationOf(masked(before), masked(after), before && after);
    const owner = one.name.replace(/-(setup|packages|services|isolation|staged)$/, "");
    const kind =
      owner === "prox-appliance"
        ? "Appliance"
        : owner === "proximity-lan"
          ? "Bridge"
          : "AppContainer";
    return operation === undefined
      ? []
      : [
          {
            operation,
            name: one.name,
            type: one.type,
            component: { type: `proximity-lan:components:${kind}`, name: owner },
            before: masked(before),
            after: masked(after),
          },
        ];
  });
  const exposure = { before: exposed(base()), after: exposed(changed) };
  return { steps, apps: Object.keys(changed.apps).sort(), exposure };
}

function exposed(written: Declared): Exposure {
  const value = { ...minimal, ...written };
  return exposureOf(site(value), plan(value));
}

/** What differs by the moment alone, and what the engine masks. */
function mask(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { connection, ...rest } = inputs;
  for (const key of ["description", "triggers"]) Reflect.deleteProperty(rest, key);
  return { ...rest, ...(connection === undefined ? {} : { connection: "[secret]" }) };
}

function operationOf(before: unknown, after: unknown, both: unknown): Operation | undefined {
  if (both === undefined) return Object.keys(after as object).length === 0 ? "delete" : "create";
  const [old, now] = [before, after] as Record<string, unknown>[];
  if (JSON.stringify(old) === JSON.stringify(now)) return undefined;
  return old?.["vmId"] === now?.["vmId"] ? "update" : "replace";
}
