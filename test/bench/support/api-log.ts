/** When the provider asked the lab's API what, from the API's log. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { findPlace, logsOf } from "../../../lab/world/place";

/** One answered request; the time in seconds since 1970. */
export interface Request {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A container from the first question about its creation to the last about its addresses, in seconds since 1970. */
export interface Creation {
  readonly vmid: number;
  readonly ordered: number;
  /** When the provider first asked for its addresses, having seen it made and started. */
  readonly started: number;
  readonly addressed: number;
}

const LINE = /^(\S+Z) ([A-Z]+) (\S+) -> (\d+) in/;

/** What clients asked the API of the lab since a time in milliseconds since 1970. */
export const requestsSince = (lab: string, since: number): readonly Request[] =>
  parseRequests(readFileSync(join(logsOf(findPlace(lab)), "server.log"), "utf8"), since);

/** The same from the log's text. */
export function parseRequests(text: string, since: number): readonly Request[] {
  return text.split("\n").flatMap((line) => {
    const [, at = "", method = "", path = "", status = ""] = LINE.exec(line) ?? [];
    const time = Date.parse(at);
    return time >= since ? [{ at: time / 1000, method, path, status: Number(status) }] : [];
  });
}

/** The containers that were made among these requests. */
export function creationsIn(requests: readonly Request[]): readonly Creation[] {
  const vmids = new Set(
    requests.flatMap(({ path }) => /:vzcreate:(\d+):/.exec(path)?.slice(1).map(Number) ?? []),
  );
  return [...vmids].map((vmid) => {
    const tasks = requests.filter(({ path }) => path.includes(`:vzcreate:${vmid}:`));
    const waits = requests.filter(({ path }) => path.endsWith(`/lxc/${vmid}/interfaces`));
    const ordered = tasks[0]?.at ?? NaN;
    const started = waits[0]?.at ?? tasks.at(-1)?.at ?? NaN;
    return { vmid, ordered, started, addressed: waits.at(-1)?.at ?? started };
  });
}
