/** Waiting for conditions; never for time alone. */
import { setTimeout as pause } from "node:timers/promises";

/** Polls until the condition holds; throws an error naming `what` when `limitMs` have passed. */
export async function waitFor(
  what: string,
  limitMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = Date.now() + limitMs;
  for (let interval = 5; !(await condition()); interval = Math.min(interval * 1.5, 200)) {
    if (Date.now() > end) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}.`);
    await pause(interval);
  }
}
