/** Reads `/etc/pve/user.cfg`: who there is, and who may what where. */
import { unescape } from "node:querystring";

import { splitList } from "../server/params";
import { SPECIAL_ROLES } from "./privileges";

/** A user; `expire` in seconds since 1970, 0 for never. */
export interface User {
  readonly enable: boolean;
  readonly expire: number;
  readonly comment: string;
}

/** A token; with `privsep` it needs its own entries and never exceeds its user (docs/proxmox/permissions.md 3). */
export interface Token {
  readonly expire: number;
  readonly privsep: boolean;
  readonly comment: string;
}

/** One role for one subject on one path; the subject is a user, a token, or `@` and a group. */
export interface AclEntry {
  readonly path: string;
  readonly propagate: boolean;
  readonly subject: string;
  readonly role: string;
}

/** All of user.cfg that decides about permissions. */
export interface UserConfig {
  readonly users: ReadonlyMap<string, User>;
  /** By their full name, `USER@REALM!TOKEN`. */
  readonly tokens: ReadonlyMap<string, Token>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly acl: readonly AclEntry[];
  /** Path of a member (`/vms/100`, `/storage/local`) and the pools that it is in. */
  readonly pools: ReadonlyMap<string, readonly string[]>;
}

interface Draft {
  readonly users: Map<string, User>;
  readonly tokens: Map<string, Token>;
  readonly groups: Map<string, readonly string[]>;
  readonly roles: Map<string, readonly string[]>;
  readonly acl: AclEntry[];
  readonly pools: Map<string, string[]>;
}

/** What each kind of line adds; fields are counted from after the kind. */
const LINES: Readonly<Record<string, (draft: Draft, fields: readonly string[]) => void>> = {
  user({ users }, [id = "", enable, expire, , , , comment = ""]) {
    users.set(id, { enable: enable === "1", expire: Number(expire), comment: plain(comment) });
  },
  token({ tokens }, [id = "", expire, privsep, comment = ""]) {
    tokens.set(id, { expire: Number(expire), privsep: privsep === "1", comment: plain(comment) });
  },
  group({ groups }, [id = "", members = ""]) {
    groups.set(id, splitList(members));
  },
  role({ roles }, [id = "", privileges = ""]) {
    if (!SPECIAL_ROLES.has(id)) roles.set(id, splitList(privileges));
  },
  acl({ acl }, [propagate, path = "", subjects = "", roles = ""]) {
    for (const subject of splitList(subjects)) {
      for (const role of splitList(roles)) {
        acl.push({ path, propagate: propagate === "1", subject, role });
      }
    }
  },
  pool({ pools }, [id = "", , vmids = "", storages = ""]) {
    const members = [
      ...splitList(vmids).map((vmid) => `/vms/${vmid}`),
      ...splitList(storages).map((storage) => `/storage/${storage}`),
    ];
    for (const path of members) pools.set(path, [...(pools.get(path) ?? []), id]);
  },
};

/** Comments are percent-encoded; one that somebody wrote by hand is taken as it is. */
const plain = (text: string): string => unescape(text);

/** Reads the text of user.cfg; lines of other kinds (realms, keys) decide nothing here and are passed over. */
export function parseUserConfig(text: string): UserConfig {
  const draft: Draft = {
    users: new Map(),
    tokens: new Map(),
    groups: new Map(),
    roles: new Map(SPECIAL_ROLES),
    acl: [],
    pools: new Map(),
  };
  for (const line of text.split("\n")) {
    const [kind = "", ...fields] = line.trim().split(":");
    LINES[kind]?.(draft, fields);
  }
  return draft;
}
