/** Whether what the engine calls done is done: its state can be ahead of the node. */
import type { ContainerLegacy } from "@muhlba91/pulumi-proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import { isCreatedSince } from "../model/identity";
import { Refusal } from "../refusal";
import type { ContainerSpec } from "./container";
import type { Node } from "./node";

const started = new Date();

/**
 * The container's description, once the container is as declared. Fails when the state has a container
 * that is gone from the node, and when an update that Proxmox refused left its values in the state: the
 * update after it then changes nothing, but reads the real values back.
 */
export function checkApplied(
  container: ContainerLegacy,
  node: Node,
  spec: ContainerSpec,
): pulumi.Output<string> {
  const { id, description, memory, cpu, disk, initialization, started: running } = container;
  const read = pulumi.all([memory, cpu, disk, initialization, running, id]);
  const applied = read.apply(([memory, cpu, disk, initialization, running]) => {
    // In a preview, outputs are what the update would make them.
    if (pulumi.runtime.isDryRun()) return;
    refuseIfDifferent(spec, [
      different("memory", memory?.dedicated, spec.memory),
      different("swap", memory?.swap, spec.swap),
      different("cores", cpu?.cores, spec.cores),
      different("host name", initialization?.hostname, spec.hostname),
      different("running", running, true),
      ...((disk?.size ?? spec.disk) < spec.disk ? [different("disk", disk?.size, spec.disk)] : []),
    ]);
  });
  const present = pulumi.all([id, description]).apply(([, text]) => {
    refuseIfGone(node, spec, text ?? "");
  });
  // Without an id there is nothing to check in a preview, and the description is known all the same.
  return pulumi
    .all([description, settled(applied), settled(present)])
    .apply(([text]) => text ?? "");
}

/** The same, known even where its value is not; a failure stays one. */
function settled(check: pulumi.Output<void>): pulumi.Input<undefined> {
  return pulumi.runtime.isDryRun() ? undefined : check.apply(() => undefined);
}

function refuseIfDifferent(
  { vmid, hostname }: ContainerSpec,
  differences: readonly (readonly string[])[],
): void {
  const wrong = differences.flat();
  if (wrong.length > 0)
    throw new Refusal(
      `container ${vmid} (${hostname}) is not as declared: ${wrong.join(", ")}. Proxmox refused an earlier update of it, for example during a backup. Run the update again: make up, or pulumi up --refresh`,
    );
}

/** In a preview only a container of the state has an id; in an update, also one that was just created. */
function refuseIfGone(node: Node, { vmid, hostname }: ContainerSpec, description: string): void {
  if (node.present === undefined || node.present.has(vmid)) return;
  if (!pulumi.runtime.isDryRun() && isCreatedSince(description, started)) return;
  throw new Refusal(
    `container ${vmid} (${hostname}) is in the state, but not on the node. Create it again with: make up, or pulumi up --refresh`,
  );
}

function different(
  what: string,
  seen: string | number | boolean | undefined,
  declared: string | number | boolean,
): readonly string[] {
  return seen === undefined || seen === declared
    ? []
    : [`${what} is ${String(seen)}, declared ${String(declared)}`];
}
