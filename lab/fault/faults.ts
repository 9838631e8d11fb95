/** The faults in force in one lab. */
import { setTimeout as pause } from "node:timers/promises";

import { BackendError } from "../backend/backend";
import type { EventKind } from "./effects";
import { assertOrder, matches, type Fault, type FaultOrder } from "./fault";

/** What is done beyond remembering: faults that stand are put in place and taken away here. */
export interface FaultHooks {
  /** Called with all faults after every change, counts included. */
  readonly changed?: (faults: readonly Fault[]) => void;
  /** Puts a fault that stands in place; what it throws refuses the order. */
  readonly place?: (fault: Fault) => Promise<void>;
  readonly remove?: (fault: Fault) => Promise<void>;
}

/** Faults by order of id; events ask here whether one of them goes wrong. */
export class Faults {
  private faults: readonly Fault[];

  constructor(
    initial: readonly Fault[] = [],
    private readonly hooks: FaultHooks = {},
  ) {
    this.faults = initial;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  /** Orders a fault and returns it; throws when it makes no sense or cannot be put in place. */
  async order(order: FaultOrder): Promise<Fault> {
    assertOrder(order);
    const id = Math.max(0, ...this.faults.map((fault) => fault.id)) + 1;
    const fault: Fault = { ...order, id, skip: order.skip ?? 0 };
    this.change([...this.faults, fault]);
    try {
      await this.hooks.place?.(fault);
    } catch (error) {
      this.change(this.faults.filter((other) => other.id !== id));
      throw error;
    }
    return fault;
  }

  /** Takes one fault away, or all; returns those that went. */
  async clear(id?: number): Promise<readonly Fault[]> {
    const going = this.faults.filter((fault) => id === undefined || fault.id === id);
    if (id !== undefined && going.length === 0) throw new Error(`Fault ${id} does not exist.`);
    for (const fault of going) {
      await this.hooks.remove?.(fault);
      this.change(this.faults.filter((other) => other.id !== fault.id));
    }
    return going;
  }

  /** The fault that an event meets, counted; undefined when it is let through. The oldest is first. */
  meet(kind: EventKind, name: string): Fault | undefined {
    for (const fault of this.faults) {
      if (fault.kind !== kind || !matches(fault.target, name)) continue;
      if (fault.skip > 0) {
        this.replace(fault, { ...fault, skip: fault.skip - 1 });
        continue;
      }
      const left = fault.times === undefined ? undefined : fault.times - 1;
      this.replace(fault, left === 0 ? undefined : { ...fault, ...(left && { times: left }) });
      return fault;
    }
    return undefined;
  }

  /** How far the API's clock is ahead, in milliseconds. */
  clockShift(): number {
    const jumps = this.faults.filter(({ kind }) => kind === "clock");
    return jumps.reduce((sum, { value }) => sum + Number(value) * 1000, 0);
  }

  private replace(old: Fault, fault: Fault | undefined): void {
    this.change(this.faults.flatMap((other) => (other === old ? (fault ?? []) : other)));
  }

  private change(faults: readonly Fault[]): void {
    this.faults = faults;
    this.hooks.changed?.(faults);
  }
}

/** Waits as long as a fault's value says, in milliseconds; not at all without a fault of this effect. */
export async function delayed(fault: Fault | undefined, effect: string): Promise<void> {
  if (fault?.effect === effect) await pause(Number(fault.value));
}

/** The refusal that a fault `status CODE [REASON]` orders; undefined for other faults. */
export function refusal(fault: Fault | undefined): BackendError | undefined {
  const [, code, reason] = /^(\d+) ?(.*)$/.exec(fault?.value ?? "") ?? [];
  if (fault?.effect !== "status" || code === undefined) return undefined;
  const words = reason === undefined || reason === "" ? REASONS[code] : reason;
  return new BackendError(words ?? "ordered fault", Number(code));
}

/** Reasons that Proxmox's proxy gives for its own failures (AnyEvent::HTTP's pseudo-statuses). */
const REASONS: Readonly<Record<string, string>> = {
  "500": "Internal Server Error",
  "595": "No route to host",
  "596": "Broken pipe",
};
