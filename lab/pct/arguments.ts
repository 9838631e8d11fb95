/** Words after the verb: positional ones, and options with all their values. */
export interface Arguments {
  readonly positional: readonly string[];
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** Splits `--key value`, `-key value` and `--key=value`; a key without a value is 1. */
export function parseArguments(args: readonly string[]): Arguments {
  const positional: string[] = [];
  const options = new Map<string, string[]>();
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const option = /^--?([a-z][\w-]*)(?:=([^]*))?$/i.exec(word);
    if (option?.[1] === undefined) {
      positional.push(word);
      continue;
    }
    const next = args[at + 1];
    const inline = option[2];
    const value = inline ?? (next === undefined || /^--?[a-z]/i.test(next) ? "1" : next);
    if (inline === undefined && value === next) at++;
    options.set(option[1], [...(options.get(option[1]) ?? []), value]);
  }
  return { positional, options };
}

/** A command line that Proxmox answers with its usage. */
export class UsageError extends Error {}

/** The first positional word, a guest's id; a UsageError without one. */
export function idOf({ positional }: Arguments): string {
  const [id] = positional;
  if (id === undefined) throw new UsageError("400 not enough arguments");
  return id;
}
