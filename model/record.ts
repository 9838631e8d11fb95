/** Plain objects of which nothing is known yet. */

/** Whether it is an object with keys, and no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A record with each of its values changed; anything else as it is. */
export function mapValues(
  value: unknown,
  change: (inner: unknown, key: string) => unknown,
): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]));
}

/** The same for the keys that are named alone. */
export function mapAt(
  value: unknown,
  changes: Readonly<Record<string, (inner: unknown, key: string) => unknown>>,
): unknown {
  return mapValues(value, (inner, key) => {
    const change = changes[key];
    return change === undefined ? inner : change(inner, key);
  });
}
