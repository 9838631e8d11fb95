import * as access from "../api/access/lists";
import { createTicket } from "../api/access/ticket";
import { nextId } from "../api/cluster/nextid";
import { listResources } from "../api/cluster/resources";
import * as groups from "../api/firewall/groups";
import { getOptions, setOptions } from "../api/firewall/options";
import * as rules from "../api/firewall/rules";
import * as sets from "../api/firewall/sets";
import { listNodes, listQemu, nodeStatus, startGuests } from "../api/nodes";
import * as lxc from "../api/nodes/lxc";
import { getConfig, getPending, putConfig } from "../api/nodes/lxc/config";
import { guestInterfaces } from "../api/nodes/lxc/interfaces";
import * as status from "../api/nodes/lxc/status";
import * as network from "../api/nodes/network";
import * as storage from "../api/nodes/storage";
import * as tasks from "../api/nodes/tasks";
import * as pools from "../api/pools";
import { getVersion } from "../api/version";
import type { Handler } from "./context";

/** One method of one path; the path is written as in the official schema. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly handler: Handler;
}

const route = (key: `${Route["method"]} /${string}`, handler: Handler): Route => {
  const [method, path = ""] = key.split(" ");
  if (method !== "GET" && method !== "POST" && method !== "PUT" && method !== "DELETE") {
    throw new Error(`unknown method in route '${key}'`);
  }
  return { method, path, handler };
};

const NODE = "/nodes/{node}";
const GUEST = `${NODE}/lxc/{vmid}` as const;

/** Options and rules exist for guests, nodes and the cluster alike; only the file differs. */
const firewall = (prefix: "/cluster" | typeof NODE | typeof GUEST): readonly Route[] => [
  route(`GET ${prefix}/firewall/options`, getOptions),
  route(`PUT ${prefix}/firewall/options`, setOptions),
  route(`GET ${prefix}/firewall/rules`, rules.listRules),
  route(`POST ${prefix}/firewall/rules`, rules.createRule),
  route(`GET ${prefix}/firewall/rules/{pos}`, rules.getRule),
  route(`PUT ${prefix}/firewall/rules/{pos}`, rules.updateRule),
  route(`DELETE ${prefix}/firewall/rules/{pos}`, rules.deleteRule),
];

const firewallSets = (prefix: "/cluster" | typeof GUEST): readonly Route[] => [
  route(`GET ${prefix}/firewall/aliases`, sets.listAliases),
  route(`POST ${prefix}/firewall/aliases`, sets.createAlias),
  route(`GET ${prefix}/firewall/aliases/{name}`, sets.getAlias),
  route(`PUT ${prefix}/firewall/aliases/{name}`, sets.updateAlias),
  route(`DELETE ${prefix}/firewall/aliases/{name}`, sets.deleteAlias),
  route(`GET ${prefix}/firewall/ipset`, sets.listIpsets),
  route(`POST ${prefix}/firewall/ipset`, sets.createIpset),
  route(`GET ${prefix}/firewall/ipset/{name}`, sets.listEntries),
  route(`POST ${prefix}/firewall/ipset/{name}`, sets.addEntry),
  route(`DELETE ${prefix}/firewall/ipset/{name}`, sets.deleteIpset),
  route(`DELETE ${prefix}/firewall/ipset/{name}/{cidr}`, sets.deleteEntry),
];

const GROUPS = "/cluster/firewall/groups";

const firewallGroups: readonly Route[] = [
  route(`GET ${GROUPS}`, groups.listGroups),
  route(`POST ${GROUPS}`, groups.createGroup),
  route(`GET ${GROUPS}/{group}`, rules.listRules),
  route(`POST ${GROUPS}/{group}`, rules.createRule),
  route(`DELETE ${GROUPS}/{group}`, groups.deleteGroup),
  route(`GET ${GROUPS}/{group}/{pos}`, rules.getRule),
  route(`PUT ${GROUPS}/{group}/{pos}`, rules.updateRule),
  route(`DELETE ${GROUPS}/{group}/{pos}`, rules.deleteRule),
];

/** Everything the lab answers; what is not here is a 501. */
export const ROUTES: readonly Route[] = [
  route("POST /access/ticket", createTicket),
  route("GET /access/permissions", access.effectivePermissions),
  route("GET /access/acl", access.listAcl),
  route("GET /access/roles", access.listRoles),
  route("GET /access/users", access.listUsers),
  route("GET /version", getVersion),
  route("GET /cluster/nextid", nextId),
  route("GET /cluster/resources", listResources),
  route("GET /pools", pools.listPools),
  route("POST /pools", pools.createPool),
  route("PUT /pools", pools.updatePool),
  route("DELETE /pools", pools.deletePool),
  route("GET /nodes", listNodes),
  route(`GET ${NODE}/status`, nodeStatus),
  route(`POST ${NODE}/startall`, startGuests),
  route(`GET ${NODE}/qemu`, listQemu),
  route(`GET ${NODE}/network`, network.listNetwork),
  route(`POST ${NODE}/network`, network.createNetwork),
  route(`PUT ${NODE}/network`, network.reloadNetwork),
  route(`DELETE ${NODE}/network`, network.revertNetwork),
  route(`GET ${NODE}/network/{iface}`, network.getNetwork),
  route(`PUT ${NODE}/network/{iface}`, network.updateNetwork),
  route(`DELETE ${NODE}/network/{iface}`, network.deleteNetwork),
  route(`GET ${NODE}/tasks`, tasks.listTasks),
  route(`GET ${NODE}/tasks/{upid}/status`, tasks.taskStatus),
  route(`GET ${NODE}/tasks/{upid}/log`, tasks.taskLog),
  route(`DELETE ${NODE}/tasks/{upid}`, tasks.stopTask),
  route(`GET ${NODE}/storage`, storage.listStorage),
  route(`GET ${NODE}/storage/{storage}/status`, storage.storageStatus),
  route(`GET ${NODE}/storage/{storage}/content`, storage.listContent),
  route(`DELETE ${NODE}/storage/{storage}/content/{volume}`, storage.deleteContent),
  route(`POST ${NODE}/storage/{storage}/download-url`, storage.downloadUrl),
  route(`GET ${NODE}/query-url-metadata`, storage.urlMetadata),
  route(`GET ${NODE}/lxc`, lxc.listGuests),
  route(`POST ${NODE}/lxc`, lxc.createContainer),
  route(`DELETE ${GUEST}`, lxc.destroyContainer),
  route(`PUT ${GUEST}/resize`, lxc.resizeContainer),
  route(`GET ${GUEST}/config`, getConfig),
  route(`PUT ${GUEST}/config`, putConfig),
  route(`GET ${GUEST}/pending`, getPending),
  route(`GET ${GUEST}/interfaces`, guestInterfaces),
  route(`GET ${GUEST}/status/current`, status.currentStatus),
  route(`POST ${GUEST}/status/start`, status.start),
  route(`POST ${GUEST}/status/stop`, status.stop),
  route(`POST ${GUEST}/status/shutdown`, status.shutdown),
  route(`POST ${GUEST}/status/reboot`, status.reboot),
  ...firewall("/cluster"),
  ...firewall(NODE),
  ...firewall(GUEST),
  ...firewallGroups,
  ...firewallSets("/cluster"),
  ...firewallSets(GUEST),
];
