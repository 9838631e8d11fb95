import * as acl from "../api/access/acl";
import * as permissions from "../api/access/permissions";
import * as roles from "../api/access/roles";
import * as ticket from "../api/access/ticket";
import * as users from "../api/access/users";
import * as nextid from "../api/cluster/nextid";
import * as resources from "../api/cluster/resources";
import * as aliases from "../api/firewall/aliases";
import * as alias from "../api/firewall/aliases/{name}";
import * as groups from "../api/firewall/groups";
import * as group from "../api/firewall/groups/{group}";
import * as groupRule from "../api/firewall/groups/{group}/{pos}";
import * as ipsets from "../api/firewall/ipset";
import * as ipset from "../api/firewall/ipset/{name}";
import * as ipsetEntry from "../api/firewall/ipset/{name}/{cidr}";
import * as options from "../api/firewall/options";
import * as rules from "../api/firewall/rules";
import * as rule from "../api/firewall/rules/{pos}";
import * as nodes from "../api/nodes";
import * as guests from "../api/nodes/{node}/lxc";
import * as guest from "../api/nodes/{node}/lxc/{vmid}";
import * as guestConfig from "../api/nodes/{node}/lxc/{vmid}/config";
import * as guestInterfaces from "../api/nodes/{node}/lxc/{vmid}/interfaces";
import * as guestPending from "../api/nodes/{node}/lxc/{vmid}/pending";
import * as guestResize from "../api/nodes/{node}/lxc/{vmid}/resize";
import * as guestCurrent from "../api/nodes/{node}/lxc/{vmid}/status/current";
import * as guestReboot from "../api/nodes/{node}/lxc/{vmid}/status/reboot";
import * as guestShutdown from "../api/nodes/{node}/lxc/{vmid}/status/shutdown";
import * as guestStart from "../api/nodes/{node}/lxc/{vmid}/status/start";
import * as guestStop from "../api/nodes/{node}/lxc/{vmid}/status/stop";
import * as network from "../api/nodes/{node}/network";
import * as networkInterface from "../api/nodes/{node}/network/{iface}";
import * as qemu from "../api/nodes/{node}/qemu";
import * as urlMetadata from "../api/nodes/{node}/query-url-metadata";
import * as startall from "../api/nodes/{node}/startall";
import * as nodeStatus from "../api/nodes/{node}/status";
import * as storages from "../api/nodes/{node}/storage";
import * as content from "../api/nodes/{node}/storage/{storage}/content";
import * as volume from "../api/nodes/{node}/storage/{storage}/content/{volume}";
import * as downloadUrl from "../api/nodes/{node}/storage/{storage}/download-url";
import * as storageStatus from "../api/nodes/{node}/storage/{storage}/status";
import * as tasks from "../api/nodes/{node}/tasks";
import * as task from "../api/nodes/{node}/tasks/{upid}";
import * as taskLog from "../api/nodes/{node}/tasks/{upid}/log";
import * as taskStatus from "../api/nodes/{node}/tasks/{upid}/status";
import * as pools from "../api/pools";
import * as version from "../api/version";
import type { Handler } from "./context";

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
type Method = (typeof METHODS)[number];

/** What a file of `lab/api` exports: a handler for each method that its path has. */
type PathModule = Partial<Record<Method, Handler>>;

/** One method of one path; the path is written as in the official schema. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly handler: Handler;
}

const NODE = "/nodes/{node}";
const GUEST = `${NODE}/lxc/{vmid}`;

/** Options and rules exist for guests, nodes and the cluster alike; only the file that they change differs. */
const firewall = (prefix: string): Record<string, PathModule> => ({
  [`${prefix}/firewall/options`]: options,
  [`${prefix}/firewall/rules`]: rules,
  [`${prefix}/firewall/rules/{pos}`]: rule,
});

const firewallSets = (prefix: string): Record<string, PathModule> => ({
  [`${prefix}/firewall/aliases`]: aliases,
  [`${prefix}/firewall/aliases/{name}`]: alias,
  [`${prefix}/firewall/ipset`]: ipsets,
  [`${prefix}/firewall/ipset/{name}`]: ipset,
  [`${prefix}/firewall/ipset/{name}/{cidr}`]: ipsetEntry,
});

const PATHS: Record<string, PathModule> = {
  "/version": version,
  "/access/ticket": ticket,
  "/access/permissions": permissions,
  "/access/acl": acl,
  "/access/roles": roles,
  "/access/users": users,
  "/cluster/nextid": nextid,
  "/cluster/resources": resources,
  "/pools": pools,
  "/nodes": nodes,
  [`${NODE}/status`]: nodeStatus,
  [`${NODE}/startall`]: startall,
  [`${NODE}/qemu`]: qemu,
  [`${NODE}/network`]: network,
  [`${NODE}/network/{iface}`]: networkInterface,
  [`${NODE}/tasks`]: tasks,
  [`${NODE}/tasks/{upid}`]: task,
  [`${NODE}/tasks/{upid}/status`]: taskStatus,
  [`${NODE}/tasks/{upid}/log`]: taskLog,
  [`${NODE}/storage`]: storages,
  [`${NODE}/storage/{storage}/status`]: storageStatus,
  [`${NODE}/storage/{storage}/content`]: content,
  [`${NODE}/storage/{storage}/content/{volume}`]: volume,
  [`${NODE}/storage/{storage}/download-url`]: downloadUrl,
  [`${NODE}/query-url-metadata`]: urlMetadata,
  [`${NODE}/lxc`]: guests,
  [GUEST]: guest,
  [`${GUEST}/resize`]: guestResize,
  [`${GUEST}/config`]: guestConfig,
  [`${GUEST}/pending`]: guestPending,
  [`${GUEST}/interfaces`]: guestInterfaces,
  [`${GUEST}/status/current`]: guestCurrent,
  [`${GUEST}/status/start`]: guestStart,
  [`${GUEST}/status/stop`]: guestStop,
  [`${GUEST}/status/shutdown`]: guestShutdown,
  [`${GUEST}/status/reboot`]: guestReboot,
  ...firewall("/cluster"),
  ...firewall(NODE),
  ...firewall(GUEST),
  ...firewallSets("/cluster"),
  ...firewallSets(GUEST),
  "/cluster/firewall/groups": groups,
  "/cluster/firewall/groups/{group}": group,
  "/cluster/firewall/groups/{group}/{pos}": groupRule,
};

/** Everything the lab answers; what is not here is a 501. */
export const ROUTES: readonly Route[] = Object.entries(PATHS).flatMap(([path, module]) =>
  METHODS.flatMap((method) => {
    const handler = module[method];
    return handler === undefined ? [] : [{ method, path, handler }];
  }),
);
