/** One fault: a match, an effect and a count. */
import { assertEffect, isEventKind, isKind, type Kind } from "./effects";

/** What is ordered; `skip` events are let through first, then `times` are met (absent: all). */
export interface FaultOrder {
  readonly kind: Kind;
  readonly target: string;
  readonly effect: string;
  readonly value?: string;
  readonly skip?: number;
  readonly times?: number;
}

/** A fault in force. `skip` and `times` count down; one without times left is gone. */
export interface Fault extends FaultOrder {
  readonly id: number;
  readonly skip: number;
}

/** Throws, with the remedy, when an order makes no sense. */
export function assertOrder({ kind, target, effect, value, skip, times }: FaultOrder): void {
  assertEffect(kind, effect, value);
  if (target === "") throw new Error(`A fault of a ${kind} needs a target.`);
  if (kind === "clock" && target !== "api") {
    throw new Error(
      `${target}: the only clock that can jump is the API's: clock api jump SECONDS.`,
    );
  }
  const isCount = (count: number | undefined, least: number): boolean =>
    count === undefined || (Number.isInteger(count) && count >= least);
  if (!isCount(skip, 0) || !isCount(times, 1)) {
    throw new Error("A fault's skip is 0 or more and its times 1 or more, both whole numbers.");
  }
  if (!isEventKind(kind) && (skip !== undefined || times !== undefined)) {
    throw new Error(`A fault of a ${kind} stands until it is cleared: it takes no skip or times.`);
  }
}

/** An order from the data that a client sent; throws when it is none. */
export function readOrder(data: unknown): FaultOrder {
  const entry: Readonly<Record<string, unknown>> =
    typeof data === "object" && data !== null ? Object.fromEntries(Object.entries(data)) : {};
  const text = (name: string): string | undefined => {
    const value = entry[name];
    return typeof value === "string" ? value : undefined;
  };
  const count = (name: string): number | undefined =>
    entry[name] === undefined ? undefined : Number(entry[name]);
  const [kind = "", value, skip, times] = [
    text("kind"),
    text("value"),
    count("skip"),
    count("times"),
  ];
  if (!isKind(kind)) throw new Error(`Unknown kind of fault '${kind}': see lab fault help.`);
  const order: FaultOrder = {
    kind,
    target: text("target") ?? "",
    effect: text("effect") ?? "",
    ...(value === undefined ? {} : { value }),
    ...(skip === undefined ? {} : { skip }),
    ...(times === undefined ? {} : { times }),
  };
  assertOrder(order);
  return order;
}

/** True when a target meets an event's name; `*` is any text without space or slash, `**` any text. */
export function matches(target: string, name: string): boolean {
  const pattern = target
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**", "\0")
    .replaceAll("*", "[^ /]*")
    .replaceAll("\0", ".*");
  return new RegExp(`^${pattern}$`).test(name);
}

/** A fault in one line, as `lab fault list` shows it. */
export function describe({ id, kind, target, effect, value, skip, times }: Fault): string {
  const counts = [
    ...(skip > 0 ? [`after ${skip} more`] : []),
    ...(times === undefined ? [] : [`${times} left`]),
  ];
  const words = [kind, `'${target}'`, effect, ...(value === undefined ? [] : [value])].join(" ");
  return `${id}  ${words}${counts.length === 0 ? "" : ` (${counts.join(", ")})`}`;
}
