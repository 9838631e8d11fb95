/** What a UPID says about a task; times in seconds since 1970. */
export interface TaskIdentity {
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");

/**
 * `UPID:node:pid:pstart:starttime:type:id:user:` with the three numbers in hex
 * (docs/proxmox/provider-calls.md 1.4).
 */
export function formatUpid({ node, pid, pstart, starttime, type, id, user }: TaskIdentity): string {
  return ["UPID", node, hex(pid), hex(pstart), hex(starttime), type, id, user, ""].join(":");
}

const UPID =
  /^UPID:([^:\s]+):([0-9A-F]{8}):([0-9A-F]{8,9}):([0-9A-F]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/;

/** Reads a UPID; undefined when it is none. */
export function parseUpid(text: string): TaskIdentity | undefined {
  const match = UPID.exec(text);
  if (match === null) return undefined;
  const [node = "", pid = "", pstart = "", starttime = "", type = "", id = "", user = ""] =
    match.slice(1);
  return {
    node,
    pid: parseInt(pid, 16),
    pstart: parseInt(pstart, 16),
    starttime: parseInt(starttime, 16),
    type,
    id,
    user,
  };
}
