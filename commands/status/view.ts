/** What the node and the probe in the appliance say of a site, as data. */
import type { z } from "zod";

import { parseListedGuests, type ListedGuest } from "../../model/standing";
import { statusSchema, type Status } from "../../model/status";
import { runOnNode } from "../on-node";
import type { Stack } from "../stack";

/** A container of the node. */
export interface SeenGuest {
  readonly vmid: number;
  /** `running`, `stopped`, as pct says it. */
  readonly state: string;
  /** Whether it carries the stack's tag. */
  readonly ours: boolean;
  readonly name: string;
  readonly bridges: readonly string[];
}

/** One look at the node. */
export interface NodeView {
  /** The node's clock, ms. */
  readonly time: number;
  readonly bridge: {
    readonly exists: boolean;
    readonly up: boolean;
    readonly addresses: readonly string[];
    readonly members: readonly string[];
  };
  /** Network changes of somebody that wait to be applied. */
  readonly pendingNetwork: boolean;
  /** Whether the cluster's firewall is switched on. */
  readonly firewall: boolean;
  readonly guests: readonly SeenGuest[];
  /** Every guest of the cluster. */
  readonly listed: readonly ListedGuest[];
  /** What the probe wrote last; undefined while it has written nothing that can be read. */
  readonly status: Status | undefined;
}

/** Looks once. */
export async function lookAtNode(stack: Stack): Promise<NodeView> {
  const { network, appliance } = stack.site;
  const args = [network.bridge, stack.tag, String(appliance.vmid)];
  const [observed, listed] = await Promise.all([
    runOnNode(stack, { script: "observe.sh", args }),
    runOnNode(stack, { script: "guests.sh", args: [stack.tag] }),
  ]);
  return parseView(observed, listed);
}

/** Parses what scripts/node/observe.sh and guests.sh printed. */
export function parseView(text: string, listed = ""): NodeView {
  const [lines = "", ...rest] = text.split(/^status\n/m);
  const values = (name: string) =>
    lines.split("\n").flatMap((line) => {
      const [head, ...words] = line.trim().split(/\s+/);
      return head === name ? [words] : [];
    });
  const bridge = values("bridge")[0]?.[0];
  return {
    time: Number(values("time")[0]?.[0]) * 1000,
    bridge: {
      exists: bridge !== undefined && bridge !== "missing",
      up: bridge === "UP",
      addresses: values("bridge-address").flat(),
      members: values("bridge-member").flat(),
    },
    pendingNetwork: values("pending-network-changes").length > 0,
    firewall: values("firewall")[0]?.[0] === "1",
    guests: values("guest").map(([vmid = "", state = "", owner, name = "", ...bridges]) => ({
      vmid: Number(vmid),
      state,
      ours: owner === "ours",
      name,
      bridges,
    })),
    listed: parseListedGuests(listed),
    status: parseStatus(rest.join("")),
  };
}

function parseStatus(text: string): Status | undefined {
  const result: z.ZodSafeParseResult<Status> = statusSchema.safeParse(fromJson(text));
  return result.success ? result.data : undefined;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
