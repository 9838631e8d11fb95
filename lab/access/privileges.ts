/** Every privilege that Proxmox VE 8.4 or 9.1 knows; the user root@pam and the role Administrator have all. */
export const PRIVILEGES: readonly string[] = [
  ...["Allocate", "AllocateSpace", "AllocateTemplate", "Audit"].map((name) => `Datastore.${name}`),
  "Group.Allocate",
  ...["Audit", "Modify", "Use"].map((name) => `Mapping.${name}`),
  "Permissions.Modify",
  ...["Allocate", "Audit"].map((name) => `Pool.${name}`),
  ...["Allocate", "AllocateUser"].map((name) => `Realm.${name}`),
  ...["Allocate", "Audit", "Use"].map((name) => `SDN.${name}`),
  ...["AccessNetwork", "Audit", "Console", "Incoming", "Modify", "PowerMgmt", "Syslog"].map(
    (name) => `Sys.${name}`,
  ),
  "User.Modify",
  ...["Allocate", "Audit", "Backup", "Clone", "Console", "Migrate", "Monitor", "PowerMgmt"].map(
    (name) => `VM.${name}`,
  ),
  ...["CDROM", "CPU", "Cloudinit", "Disk", "HWType", "Memory", "Network", "Options"].map(
    (name) => `VM.Config.${name}`,
  ),
  ...["Audit", "FileRead", "FileSystemMgmt", "FileWrite", "Unrestricted"].map(
    (name) => `VM.GuestAgent.${name}`,
  ),
  "VM.Snapshot",
  "VM.Snapshot.Rollback",
];

/** Roles that every node has; of Proxmox's other ready-made roles the lab has none. */
export const SPECIAL_ROLES: ReadonlyMap<string, readonly string[]> = new Map([
  ["Administrator", PRIVILEGES],
  ["NoAccess", []],
]);
