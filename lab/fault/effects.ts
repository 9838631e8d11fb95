/** What can go wrong on order, as data: where it happens, how, and what its value means. */

/** One effect; `value` describes what the order must add, in words for the usage text. */
interface EffectSpec {
  readonly does: string;
  readonly value?: string;
  readonly isValid?: (value: string) => boolean;
}

const isMilliseconds = (value: string): boolean => /^\d{1,7}$/.test(value);
const delay = (does: string): EffectSpec => ({ does, value: "MS", isValid: isMilliseconds });

/** Kinds of faults that wait for an event (a request, a task ...) and meet it a number of times. */
const EVENTS = {
  request: {
    status: {
      does: "the request is refused with this HTTP status and reason, and not carried out",
      value: "CODE [REASON]",
      isValid: (value: string) => /^[45]\d\d( [\x20-\x7e]+)?$/.test(value),
    },
    reset: { does: "the connection is reset, and the request not carried out" },
    lose: { does: "the request is carried out, and the connection reset instead of an answer" },
    delay: delay("the request is carried out only after this time"),
  },
  task: {
    fail: {
      does: "the task fails with this message at the first line of its log, or at its end",
      value: "MESSAGE",
    },
    die: { does: "the task's worker is killed before its first step: no clean-up, locks stay" },
    delay: delay("the task begins only after this time"),
  },
  resize: {
    stuck: {
      does: "the volume grows and its file system does not; the task only logs it and ends OK",
    },
  },
  lock: { hold: delay("somebody else has the guest's lock for this time when it is wanted") },
  connection: { cut: delay("the connection is reset this long after it was made") },
} satisfies Readonly<Record<string, Readonly<Record<string, EffectSpec>>>>;

/** Kinds of faults that stand until they are cleared; the lab's world puts them in place. */
const STANDING = {
  host: { off: { does: "power loss: everything on the host is gone at once" } },
  service: { down: { does: "the daemon is killed and stays down" } },
  port: { silent: { does: "packets to this port of a host are dropped" } },
  storage: {
    size: {
      does: "the storage has only this size, full or not",
      value: "GIB",
      isValid: (value: string) => /^\d{1,6}(\.\d{1,3})?$/.test(value),
    },
  },
  disk: { full: { does: "the guest's root disk has no block left" } },
  // Linux has no namespace for the time of day: nodes and guests keep the machine's.
  clock: {
    jump: {
      does: "the API's clock is this far ahead (behind, if negative): tickets, expiry, tasks' times",
      value: "SECONDS",
      isValid: (value: string) => /^-?\d{1,9}$/.test(value),
    },
  },
} satisfies Readonly<Record<string, Readonly<Record<string, EffectSpec>>>>;

export type EventKind = keyof typeof EVENTS;
export type StandingKind = keyof typeof STANDING;
export type Kind = EventKind | StandingKind;

/** The target that a fault of each kind takes. */
const TARGETS: Readonly<Record<Kind, string>> = {
  request: "'METHOD /PATH', * for any part and ** for any rest",
  task: "'TYPE ID', such as 'vzstart 100' or 'vz* *'",
  resize: "VMID",
  lock: "VMID",
  connection: "HOST:PORT of a forward, such as 192.168.1.10:22",
  host: "HOST",
  service: "HOST/NAME, such as pve1/sshd",
  port: "HOST/PROTOCOL:PORT, such as router/udp:67",
  storage: "NODE/STORAGE, such as pve1/local-lvm",
  disk: "VMID",
  clock: "api",
};

const ALL: Readonly<Record<Kind, Readonly<Record<string, EffectSpec>>>> = {
  ...EVENTS,
  ...STANDING,
};

/** True for the kinds that meet events, false for those that stand. */
export const isEventKind = (kind: Kind): kind is EventKind => kind in EVENTS;

/** True for the name of a kind. */
export const isKind = (name: string): name is Kind => Object.hasOwn(ALL, name);

/** Throws, with the remedy, when the effect is unknown or its value is invalid. */
export function assertEffect(kind: Kind, effect: string, value: string | undefined): void {
  const effects = ALL[kind];
  const spec = Object.hasOwn(effects, effect) ? effects[effect] : undefined;
  if (spec === undefined) {
    const known = Object.keys(effects).join(", ");
    throw new Error(`A fault of a ${kind} cannot be '${effect}': choose one of ${known}.`);
  }
  if (spec.value === undefined) {
    if (value !== undefined) throw new Error(`'${kind} ... ${effect}' takes no value.`);
    return;
  }
  const isValid = value !== undefined && value !== "" && (spec.isValid?.(value) ?? true);
  if (!isValid) throw new Error(`'${kind} ... ${effect}' needs a value ${spec.value}.`);
}

/** One line per effect, for the command line's help. */
export const effectLines = (): readonly string[] =>
  Object.entries(ALL).flatMap(([kind, effects]) => [
    ...(isKind(kind) ? [`  ${kind} TARGET: ${TARGETS[kind]}`] : []),
    ...Object.entries(effects).map(([name, { does, value }]) => {
      return `    ${[name, value].filter(Boolean).join(" ").padEnd(22)} ${does}`;
    }),
  ]);
