/** Programs of this machine, run in a network of the lab's: a host's, or a guest's. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";

import { z } from "zod";

import type { Checkout } from "../../e2e/support/checkout";

/** The file of a network namespace. */
export type Place = string;

const Status = z.object({ hosts: z.record(z.string(), z.number()) });

/** The networks of the lab of a checkout, as they are now. */
export class Places {
  private readonly inits: Readonly<Record<string, number>>;

  constructor(private readonly checkout: Checkout) {
    this.inits = Status.parse(JSON.parse(checkout.must("lab/lab", ["status", "--json"]))).hosts;
  }

  host(name: string): Place {
    return `/proc/${this.init(name)}/ns/net`;
  }

  /** A guest's processes are numbered by its node, which has its own /proc. */
  guest(vmid: number, node = "pve1"): Place {
    const words = ["exec", node, "lxc-info", "-n", String(vmid), "-pH"];
    const pid = this.checkout.must("lab/lab", words).trim();
    return `/proc/${this.init(node)}/root/proc/${pid}/ns/net`;
  }

  private init(name: string): number {
    const init = this.inits[name];
    if (init === undefined) throw new Error(`the lab has no host ${name}`);
    return init;
  }
}

/** Runs a program to its end; its stdout. Throws with its output when it fails. */
export function runAt(place: Place, words: readonly string[]): string {
  return execFileSync("nsenter", [`--net=${place}`, ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Starts a server there; nsenter becomes the program, so that its end is the program's. */
export function serveAt(place: Place, words: readonly string[]): ChildProcess {
  return spawn("nsenter", [`--net=${place}`, ...words], { stdio: "ignore" });
}
