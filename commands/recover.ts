/**
 * Brings a stack back after an update that was killed: `recover STACK [-- PULUMI FLAGS]`.
 *
 * Refuses while that update still runs. Then it ends the plugins that the update left behind, repairs
 * files of the state that were cut off, takes the lock off, and looks at each create that was under way.
 * What exists on the node and carries this stack's tag is taken into the state; what carries another
 * mark, or none, is someone else's and is never adopted; everything else is forgotten, and the next
 * update creates it. Where anything was under way, the state is read from the node again.
 */
import { hostname } from "node:os";

import { z } from "zod";

import { containerType } from "../model/plan";
import { backendFolder, locksOf, repairBackend } from "./backend";
import { readConfiguration } from "./configuration";
import { awaitCreation } from "./creations";
import { main } from "./main";
import { endOrphans, isPulumi } from "./processes";
import { get, type Api } from "./proxmox";
import { project, pulumi, showPulumi } from "./pulumi";
import { apiIn, tagOf } from "./stack";
import { nameOf, pendingIn, readState } from "./state";

const guestsShape = z.array(
  z.object({
    vmid: z.number().optional(),
    node: z.string().optional(),
    tags: z.string().optional(),
  }),
);
const interfacesShape = z.array(z.object({ iface: z.string(), comments: z.string().optional() }));

/** A create that was under way when the update died. */
interface PendingCreate {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What becomes of it: an id to take over, or why it is forgotten. */
type Verdict = { readonly id: string } | { readonly forgotten: string };

async function recover(stack: string, flags: readonly string[]): Promise<void> {
  const select = ["--stack", stack, ...flags];
  repairFiles(stack);
  for (const orphan of endOrphans(project)) say(`ended ${orphan}, which the update left behind`);
  pulumi(["cancel", "--yes", "--stack", stack]);
  const pending = pendingIn(readState(stack));
  if (pending.length === 0) {
    say("nothing was under way; the next update goes on from here");
    return;
  }
  const api = apiIn(readConfiguration(stack, flags));
  const tag = tagOf(stack);
  const imports: string[] = [];
  for (const { type, resource } of pending) {
    const { urn, inputs = {} } = resource;
    if (type !== "creating") {
      say(`${nameOf(urn)}: ${type} was under way; the node is asked how it is now`);
      continue;
    }
    const verdict = await judge(api, tag, { type: resource.type, inputs });
    if ("id" in verdict) imports.push(urn, verdict.id);
    say(`${nameOf(urn)}: ${"id" in verdict ? `taken over as ${verdict.id}` : verdict.forgotten}`);
  }
  const taken = imports.flatMap((word) => ["--import-pending-creates", word]);
  showPulumi([
    "refresh",
    "--yes",
    "--skip-preview",
    "--clear-pending-creates",
    ...taken,
    ...select,
  ]);
  say(`done. Now run: make up STACK=${stack}`);
}

function repairFiles(stack: string): void {
  const folder = backendFolder();
  if (folder === undefined) return;
  for (const { pid, hostname: host } of locksOf(folder, stack)) {
    if (host === hostname() && isPulumi(pid))
      throw new Error(
        `an update of ${stack} still runs (process ${pid}), so nothing was changed. Wait for it. To end it: kill ${pid}`,
      );
  }
  for (const repair of repairBackend(folder, stack)) say(repair);
}

function judge(api: Api, tag: string, { type, inputs }: PendingCreate): Promise<Verdict> {
  const node = String(inputs["nodeName"]);
  switch (type) {
    case containerType:
      return judgeContainer(api, tag, { node, vmid: Number(inputs["vmId"]) });
    case "proxmoxve:network/linux/bridge:Bridge":
      return judgeBridge(api, tag, { node, name: String(inputs["name"]) });
    default:
      return Promise.resolve({ forgotten: "will be done again; it is made to be" });
  }
}

async function judgeContainer(
  api: Api,
  tag: string,
  { node, vmid }: { readonly node: string; readonly vmid: number },
): Promise<Verdict> {
  const creation = await awaitCreation(api, { node, vmid });
  const guests = guestsShape.parse(await get(api, "/cluster/resources?type=vm"));
  const guest = guests.find((one) => one.vmid === vmid);
  if (guest === undefined) return { forgotten: `VMID ${vmid} was not made` };
  if ((guest.tags ?? "").split(/[;, ]/).includes(tag))
    return { id: `${guest.node ?? node}/${vmid}` };
  return {
    forgotten:
      creation?.own === true
        ? `VMID ${vmid} is half created; the next update removes it and creates it again`
        : `VMID ${vmid} exists, but is not this stack's; it is left alone`,
  };
}

async function judgeBridge(
  api: Api,
  tag: string,
  { node, name }: { readonly node: string; readonly name: string },
): Promise<Verdict> {
  const bridges = interfacesShape.parse(await get(api, `/nodes/${node}/network`));
  const bridge = bridges.find(({ iface }) => iface === name);
  if (bridge === undefined) return { forgotten: `bridge ${name} was not made` };
  return bridge.comments?.trim() === tag
    ? { id: `${node}:${name}` }
    : { forgotten: `bridge ${name} exists, but is not this stack's; it is left alone` };
}

function say(text: string): void {
  process.stderr.write(`recover: ${text}\n`);
}

main({
  usage: "recover STACK [-- PULUMI FLAGS]",
  options: {},
  positionals: [1, 1],
  forPulumi: true,
  run: ({ positionals: [stack = ""], forPulumi }) => recover(stack, forPulumi),
});
