/**
 * Brings a stack back after an update that was killed: `recover STACK [-- PULUMI FLAGS]`.
 *
 * Takes the lock off, then looks at each create that was under way. What exists on the node and
 * carries this stack's tag is taken into the state; what carries another mark, or none, is someone
 * else's and is never adopted; everything else is forgotten, and the next update makes it.
 */
import { z } from "zod";

import { readConfiguration } from "./configuration";
import { main } from "./main";
import { get, type Api } from "./proxmox";
import { pulumi, showPulumi } from "./pulumi";
import { apiIn, tagOf } from "./stack";

const stateShape = z.object({
  deployment: z
    .object({
      pending_operations: z
        .array(
          z.object({
            type: z.string(),
            resource: z.object({
              urn: z.string(),
              type: z.string(),
              inputs: z.record(z.string(), z.unknown()).optional(),
            }),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

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
  readonly urn: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What becomes of it: an id to take over, or why it is forgotten. */
type Verdict = { readonly id: string } | { readonly forgotten: string };

async function recover(stack: string, flags: readonly string[]): Promise<void> {
  const select = ["--stack", stack, ...flags];
  showPulumi(["cancel", "--yes", "--stack", stack]);
  const pending = pendingCreates(pulumi(["stack", "export", "--stack", stack]));
  if (pending.length === 0) {
    say("no create was under way; the next update goes on from here");
    return;
  }
  const api = apiIn(readConfiguration(stack, flags));
  const tag = tagOf(stack);
  const imports: string[] = [];
  for (const create of pending) {
    const verdict = await judge(api, tag, create);
    const name = create.urn.split("::").at(-1) ?? create.urn;
    if ("id" in verdict) imports.push(create.urn, verdict.id);
    say(`${name}: ${"id" in verdict ? `taken over as ${verdict.id}` : verdict.forgotten}`);
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
  say("done; the next update goes on from here");
}

function pendingCreates(exported: string): readonly PendingCreate[] {
  const { deployment } = stateShape.parse(JSON.parse(exported));
  return (deployment?.pending_operations ?? [])
    .filter(({ type }) => type === "creating")
    .map(({ resource: { urn, type, inputs = {} } }) => ({ urn, type, inputs }));
}

async function judge(api: Api, tag: string, { type, inputs }: PendingCreate): Promise<Verdict> {
  const node = String(inputs["nodeName"]);
  switch (type) {
    case "proxmoxve:index/containerLegacy:ContainerLegacy": {
      const vmid = Number(inputs["vmId"]);
      const guests = guestsShape.parse(await get(api, "/cluster/resources?type=vm"));
      const guest = guests.find((one) => one.vmid === vmid);
      if (guest === undefined) return { forgotten: `VMID ${vmid} was not made` };
      return (guest.tags ?? "").split(/[;, ]/).includes(tag)
        ? { id: `${guest.node ?? node}/${vmid}` }
        : { forgotten: `VMID ${vmid} exists, but is not this stack's; it is left alone` };
    }
    case "proxmoxve:network/linux/bridge:Bridge": {
      const name = String(inputs["name"]);
      const bridges = interfacesShape.parse(await get(api, `/nodes/${node}/network`));
      const bridge = bridges.find(({ iface }) => iface === name);
      if (bridge === undefined) return { forgotten: `bridge ${name} was not made` };
      return bridge.comments?.trim() === tag
        ? { id: `${node}:${name}` }
        : { forgotten: `bridge ${name} exists, but is not this stack's; it is left alone` };
    }
    default:
      return { forgotten: "will be done again; it is made to be" };
  }
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
