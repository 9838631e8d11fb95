/** Looks at the cluster before anything is declared, in preview as well as in up. */
import * as proxmoxve from "@muhlba91/pulumi-proxmoxve";

import { checkCluster, checkNode, datastoreOf } from "./model/preflight";
import { describeProblems } from "./model/problem";
import type { Site } from "./model/site";
import { Refusal } from "./refusal";

/** Refuses the run with every problem that can be seen from here; makes no change anywhere. */
export async function preflight(site: Site, tag: string): Promise<void> {
  const { names, onlines } = await ask("its nodes", proxmoxve.getNodesLegacy());
  const nodes = names.map((name, index) => ({ name, online: onlines[index] === true }));
  refuse(checkNode(site, nodes));

  const nodeName = site.node.name;
  const [containers, machines, stores, files] = await Promise.all([
    ask("its containers", proxmoxve.getContainersLegacy({})),
    ask("its virtual machines", proxmoxve.getVmsLegacy({})),
    ask("its storages", proxmoxve.getDatastores({ nodeName })),
    ask(
      "its templates",
      proxmoxve.getFiles({
        nodeName,
        datastoreId: datastoreOf(site.template),
        contentType: "vztmpl",
      }),
    ),
  ]);
  const observed = {
    nodes,
    guests: [...containers.containers, ...machines.vms].map((guest) => ({
      vmid: guest.vmId,
      name: guest.name,
      node: guest.nodeName,
      tags: guest.tags,
    })),
    datastores: (stores.datastores ?? []).map(({ id, contentTypes }) => ({
      id,
      contents: contentTypes,
    })),
    templates: files.files.map(({ id }) => id),
  };
  refuse(checkCluster(site, observed, tag));
}

async function ask<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Refusal(
      `Unable to ask Proxmox for ${what}: ${cause}\nCheck proxmoxve:endpoint, proxmoxve:apiToken and the token's privileges (README, "Token").`,
    );
  }
}

function refuse(problems: Parameters<typeof describeProblems>[1]): void {
  if (problems.length > 0) throw new Refusal(describeProblems("The node is not ready", problems));
}
