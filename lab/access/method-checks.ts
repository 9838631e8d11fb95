/** Which permission each method of the API asks for before it is called, in the official schema's own words. */

/** A permission as the schema has it: a privilege on a path, or several of these together. */
export type Check =
  | readonly ["perm", string, readonly string[]]
  | readonly ["perm", string, readonly string[], "any", 1]
  | readonly ["and" | "or", ...Check[]];

/** `all`: everybody who is logged in, the method itself looks closer. `world`: nobody needs to log in. */
export type Permission = { readonly user: "all" | "world" } | { readonly check: Check };

const ALL: Permission = { user: "all" };
const all = (path: string, ...privileges: string[]): Permission => ({
  check: ["perm", path, privileges],
});
const any = (path: string, ...privileges: string[]): Permission => ({
  check: ["perm", path, privileges, "any", 1],
});

const READS = "GET";
const WRITES = "POST PUT DELETE";
const GUEST = "/nodes/{node}/lxc/{vmid}";
const STORAGE = "/nodes/{node}/storage/{storage}";

const FETCHES_URLS: Check = [
  "or",
  ["perm", "/", ["Sys.Audit", "Sys.Modify"]],
  ["perm", "/nodes/{node}", ["Sys.AccessNetwork"]],
];

/** Methods, path (`*` at its end stands for anything), permission; the first that fits counts. */
const RULES: readonly (readonly [string, string, Permission])[] = [
  ["POST", "/access/ticket", { user: "world" }],
  [READS, "/access/permissions", ALL],
  [READS, "/access/users", ALL],
  [READS, "/access/roles", ALL],
  [READS, "/access/acl", ALL],
  [READS, "/version", ALL],
  [READS, "/pools", ALL],
  [WRITES, "/pools", all("/pool/{poolid}", "Pool.Allocate")],
  [READS, "/cluster/nextid", ALL],
  [READS, "/cluster/resources", ALL],
  [READS, "/cluster/status", all("/", "Sys.Audit")],
  [READS, "/cluster/firewall/groups", ALL],
  [READS, "/cluster/firewall/macros", ALL],
  [READS, "/cluster/firewall/*", all("/", "Sys.Audit")],
  [WRITES, "/cluster/firewall/*", all("/", "Sys.Modify")],
  [READS, "/nodes", ALL],
  [READS, "/nodes/{node}/status", all("/nodes/{node}", "Sys.Audit")],
  ["POST", "/nodes/{node}/startall", ALL],
  ["POST", "/nodes/{node}/stopall", ALL],
  [READS, "/nodes/{node}/qemu", ALL],
  [READS, "/nodes/{node}/aplinfo", ALL],
  [READS, "/nodes/{node}/version", ALL],
  [READS, "/nodes/{node}/network", ALL],
  [READS, "/nodes/{node}/network/{iface}", all("/nodes/{node}", "Sys.Audit")],
  [WRITES, "/nodes/{node}/network*", all("/nodes/{node}", "Sys.Modify")],
  ["GET DELETE", "/nodes/{node}/tasks*", ALL],
  [READS, "/nodes/{node}/firewall/log", all("/nodes/{node}", "Sys.Syslog")],
  [READS, "/nodes/{node}/firewall/*", all("/nodes/{node}", "Sys.Audit")],
  [WRITES, "/nodes/{node}/firewall/*", all("/nodes/{node}", "Sys.Modify")],
  [READS, "/nodes/{node}/query-url-metadata", { check: FETCHES_URLS }],
  [READS, "/nodes/{node}/storage", ALL],
  ["GET DELETE", `${STORAGE}/content/{volume}`, ALL],
  [
    "POST",
    `${STORAGE}/download-url`,
    {
      check: ["and", ["perm", "/storage/{storage}", ["Datastore.AllocateTemplate"]], FETCHES_URLS],
    },
  ],
  [READS, `${STORAGE}*`, any("/storage/{storage}", "Datastore.Audit", "Datastore.AllocateSpace")],
  ["GET POST", "/nodes/{node}/lxc", ALL],
  ["DELETE", GUEST, all("/vms/{vmid}", "VM.Allocate")],
  ["PUT", `${GUEST}/resize`, any("/vms/{vmid}", "VM.Config.Disk")],
  [
    "PUT",
    `${GUEST}/config`,
    any(
      "/vms/{vmid}",
      ...["Disk", "CPU", "Memory", "Network", "Options"].map((name) => `VM.Config.${name}`),
    ),
  ],
  ["POST", `${GUEST}/status/*`, all("/vms/{vmid}", "VM.PowerMgmt")],
  [WRITES, `${GUEST}/firewall/*`, all("/vms/{vmid}", "VM.Config.Network")],
  [
    "POST",
    `${GUEST}/snapshot/{snapname}/rollback`,
    any("/vms/{vmid}", "VM.Snapshot", "VM.Snapshot.Rollback"),
  ],
  [
    READS,
    `${GUEST}/snapshot/{snapname}/config`,
    any("/vms/{vmid}", "VM.Snapshot", "VM.Snapshot.Rollback", "VM.Audit"),
  ],
  [READS, `${GUEST}/snapshot/{snapname}`, ALL],
  [WRITES, `${GUEST}/snapshot*`, all("/vms/{vmid}", "VM.Snapshot")],
  [READS, GUEST, ALL],
  [READS, `${GUEST}/*`, all("/vms/{vmid}", "VM.Audit")],
];

const fits = (pattern: string, path: string): boolean =>
  pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;

/** The permission of a method, its path written as in the schema; undefined means root@pam alone. */
export function permissionOf(method: string, path: string): Permission | undefined {
  return RULES.find(([methods, pattern]) => methods.includes(method) && fits(pattern, path))?.[2];
}
