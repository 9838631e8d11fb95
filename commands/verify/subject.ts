/** What the lines of the checklist share. */
import { isStale, type Status } from "../../model/status";
import type { App } from "../../model/topology";
import { failed, ok, once, type Finding } from "../checks";
import { runOnNode } from "../on-node";
import type { Stack } from "../stack";
import { lookAtNode, type NodeView } from "../status/view";
import type { Step } from "./preview";

/** A running stack, and what is asked of it once. */
export interface Subject {
  readonly stack: Stack;
  readonly view: () => Promise<NodeView>;
}

/** The subject of a stack; the checklist is about the apps behind the appliance, not those on the LAN. */
export function subjectOf(whole: Stack): Subject {
  const apps = whole.site.apps.filter(({ network }) => network === "platinum");
  const stack = { ...whole, site: { ...whole.site, apps } };
  return { stack, view: once(() => lookAtNode(stack)) };
}

/** Whether all of it is so, or what is not. */
export function all(what: string, wrong: readonly string[], action: string): Finding {
  return wrong.length === 0 ? ok(what) : failed(wrong.join("; "), action);
}

/** What helps where a line is not so. */
export const doctor = "make doctor looks for the cause.";

/** The probe's words; throws when they are old or missing. */
export async function freshStatus({ view }: Subject): Promise<Status> {
  const { status, time } = await view();
  if (status === undefined) throw new Error("the appliance's probe has written no status");
  if (isStale(status, time)) throw new Error(`the probe last looked at ${status.checked_at}`);
  return status;
}

/** The appliance's address on the LAN; throws without one. */
export async function wanOf(subject: Subject): Promise<string> {
  const { wan_ip } = (await freshStatus(subject)).appliance;
  if (wan_ip === null) throw new Error("the appliance has no WAN address");
  return wan_ip;
}

/** The status that the proxy answers for each app, asked from the node. */
export async function codes(
  { stack }: Subject,
  wan: string,
  ask: (app: App) => readonly [host: string, path: string],
): Promise<readonly string[]> {
  const { apps } = stack.site;
  const args = ["codes", wan, "8080", ...apps.flatMap(ask)];
  const answers = (await runOnNode(stack, { script: "ask.sh", args })).trim().split("\n");
  return apps.map(({ name }, index) => `${name} ${answers[index] ?? "000"}`);
}

/** An app that asks for a login or sends elsewhere answers too; 404 and 5xx are the proxy's own no. */
export const isAnswer = (line: string) => / ([123]\d\d|40[13])$/.test(line);

/** The steps of a preview that would change something. */
export function changes(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ op }) => !["same", "read", "refresh"].includes(op));
}

/** Steps of the two things that every site has. */
export const isBridge = ({ name }: Step, { site }: Stack) => name === site.network.bridge;
export const isAppliance = ({ name, type }: Step, { site }: Stack) =>
  name === site.appliance.hostname && type.includes("ontainer");
