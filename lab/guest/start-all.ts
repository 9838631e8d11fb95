import { setTimeout as pause } from "node:timers/promises";

import type { LabContext } from "../server/context";
import type { TaskLog } from "../server/tasks";
import { startGuest } from "./power";

/** When a guest is started among the others (`startup`), and how long the next one then waits, in seconds. */
interface Turn {
  readonly vmid: number;
  readonly order: number;
  readonly up: number;
}

/** Guests without an order come last. */
const LAST = Number.MAX_SAFE_INTEGER;

/** Reads `startup`, `[order=]N[,up=S][,down=S]`. */
export function turnOf(vmid: number, startup = ""): Turn {
  const number = (form: RegExp): number | undefined => {
    const text = form.exec(startup)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const order = number(/(?:^|,)(?:order=)?(\d+)(?=,|$)/) ?? LAST;
  return { vmid, order, up: number(/(?:^|,)up=(\d+)(?=,|$)/) ?? 0 };
}

/** The guests of a node that are to be started, in their turn: `onboot` only unless `force`. */
async function turns(lab: LabContext, node: string, force: boolean): Promise<readonly Turn[]> {
  const found: Turn[] = [];
  for (const vmid of await lab.guests.vmids(node)) {
    const { keys } = (await lab.guests.load(node, vmid)).current;
    if (keys.get("template") === "1") continue;
    if (force || keys.get("onboot") === "1") found.push(turnOf(vmid, keys.get("startup")));
  }
  return found.sort((a, b) => a.order - b.order || a.vmid - b.vmid);
}

/** Starts a node's guests one after the other, each in its own task; a failure does not stop the others. */
export async function startAll(
  lab: LabContext,
  how: { readonly node: string; readonly user: string; readonly force: boolean },
  log: TaskLog,
): Promise<void> {
  const { node, user, force } = how;
  for (const { vmid, up } of await turns(lab, node, force)) {
    if ((await lab.backend.guestState(node, vmid)).running) continue;
    log.line(`Starting CT ${vmid}`);
    const task = { node, type: "vzstart", id: String(vmid), user };
    const upid = lab.tasks.start(task, (own) => startGuest(lab, node, vmid, own));
    const { exitstatus } = await lab.tasks.finished(upid);
    if (exitstatus !== "OK") {
      log.line(`Starting CT ${vmid} failed: ${exitstatus ?? ""}`);
    } else if (up > 0) {
      log.line(`Waiting for ${up} seconds (startup delay)`);
      await pause(up * 1000);
    }
  }
}
