/** Looks at the cluster before anything is declared, in preview as well as in up. */
import * as proxmoxve from "@muhlba91/pulumi-proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import type { Config } from "./config";
import { chooseNode, type ObservedNode } from "./model/node-choice";
import { assumedNode, notChecked, unchecked } from "./model/offline";
import { planSite, settle, type Plan } from "./model/placement";
import {
  checkCluster,
  datastoreOf,
  ownGuests,
  templatesOf,
  type ObservedGuest,
} from "./model/preflight";
import { describeProblems, type Problem } from "./model/problem";
import { siteOn, type DeclaredSite, type Site } from "./model/site";
import { guestsOffline } from "./offline-nodes";
import { Refusal } from "./refusal";

/** The site on its node, and what is declared of it in this run. */
export interface Preflight {
  readonly site: Site;
  readonly plan: Plan;
  /** This stack's guests on the cluster; undefined when it was not asked. */
  readonly own?: readonly ObservedGuest[];
}

/** Refuses the run with every problem that can be seen from here; makes no change anywhere. */
export async function preflight(config: Config): Promise<Preflight> {
  if (config.offline) return assume(config.site);
  const { tag, applianceFailure: reason } = config;
  const nodes = await observeNodes();
  const guests = [...(await observeGuests(nodes)), ...(await guestsOffline(config, nodes))];
  const own = ownGuests(config.site, guests, tag);
  const choice = chooseNode(config.site, nodes, own);
  if (!choice.ok) throw refusal(choice.problems);
  const site = siteOn(config.site, choice.name);
  if (site === undefined) throw new Error(`the schema let the node ${choice.name} through`);

  const observed = { guests, ...(await observeStorage(site)) };
  const { problems, failure } = settle(site, checkCluster(site, observed, tag), { own, reason });
  if (problems.length > 0) throw refusal(problems);
  const plan = planSite(site, { own, failure });
  if (config.site.node.name !== choice.name)
    await pulumi.log.info(`node: ${choice.name} (${choice.why})`);
  for (const warning of plan.warnings) await pulumi.log.warn(warning);
  for (const note of plan.notes) await pulumi.log.info(note);
  return { site, plan, own };
}

/** The declaration alone, as if nothing were there yet; what that leaves open is a warning, line by line. */
async function assume(declared: DeclaredSite): Promise<Preflight> {
  if (!pulumi.runtime.isDryRun())
    throw new Refusal(
      "proximity-lan:offline is set, and an update cannot do without the node. Run it where the node can be reached, after: pulumi config rm proximity-lan:offline",
    );
  const name = assumedNode(declared);
  const site = siteOn(declared, name);
  if (site === undefined) throw new Error(`the schema let the node ${name} through`);
  for (const line of unchecked(declared, site)) await pulumi.log.warn(`${notChecked}${line}`);
  return { site, plan: planSite(site, { own: [] }) };
}

async function observeNodes(): Promise<readonly ObservedNode[]> {
  const seen = await ask("its nodes", proxmoxve.getNodesLegacy());
  return seen.names.map((name, index) => ({
    name,
    online: seen.onlines[index] === true,
    // What the provider calls available is the total (docs/proxmox/provider-calls.md 6).
    memory: { total: seen.memoryAvailables[index] ?? 0, used: seen.memoryUseds[index] ?? 0 },
  }));
}

/** A node that is off cannot be asked for its guests. */
async function observeGuests(nodes: readonly ObservedNode[]): Promise<readonly ObservedGuest[]> {
  const online = nodes.flatMap(({ name, online }) => (online ? [name] : []));
  const found = await Promise.all(
    online.map(async (nodeName) => {
      const [{ containers }, { vms }] = await Promise.all([
        ask("its containers", proxmoxve.getContainersLegacy({ nodeName })),
        ask("its virtual machines", proxmoxve.getVmsLegacy({ nodeName })),
      ]);
      return [...containers, ...vms];
    }),
  );
  return found.flat().map(({ vmId: vmid, name, nodeName: node, tags }) => ({
    vmid,
    name,
    node,
    tags,
  }));
}

async function observeStorage(site: Site) {
  const nodeName = site.node.name;
  const shelves = new Set(templatesOf(site).map(({ template }) => datastoreOf(template)));
  const [stores, ...shelved] = await Promise.all([
    ask("its storages", proxmoxve.getDatastores({ nodeName })),
    ...[...shelves].map((datastoreId) =>
      ask("its templates", proxmoxve.getFiles({ nodeName, datastoreId, contentType: "vztmpl" })),
    ),
  ]);
  return {
    datastores: (stores.datastores ?? []).map(({ id, contentTypes: contents }) => ({
      id,
      contents,
    })),
    templates: shelved.flatMap(({ files }) => files.map(({ id }) => id)),
  };
}

async function ask<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Refusal(
      `Unable to ask Proxmox for ${what}: ${cause}\nCheck proxmoxve:endpoint, proxmoxve:apiToken and the token's privileges (docs/install.md, "Token").`,
    );
  }
}

function refusal(problems: readonly Problem[]): Refusal {
  return new Refusal(describeProblems("The node is not ready", problems));
}
