/** What one preview would do, as plain data: every step that is more than "stay as it is". */

/** What happens to a resource. */
export type Operation = "create" | "update" | "delete" | "replace";

/** One resource that changes; secrets in its inputs read `[secret]`. */
export interface Step {
  readonly operation: Operation;
  readonly name: string;
  readonly type: string;
  /** The component that it belongs to; empty for what stands alone. */
  readonly component: { readonly type: string; readonly name: string };
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** The type of a container's resource. */
export const containerType = "proxmoxve:index/containerLegacy:ContainerLegacy";

/** True for the container of a step. */
export function isContainer({ type }: Step): boolean {
  return type === containerType;
}

/** True for what belongs to an app behind the appliance. */
export function isOfApp({ component }: Step): boolean {
  return component.type.endsWith(":AppContainer");
}

/** The key by which the engine marks an object that stands for a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** Every value that ends a path, `memory.dedicated`; what only the provider needs is left out. */
export function leavesOf(value: unknown, path = ""): ReadonlyMap<string, string> {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== "object")
    return new Map([[path, JSON.stringify(value).replace(/^"|"$/g, "")]]);
  const entries = Object.entries(value).filter(([key]) => !key.startsWith("__"));
  if (secretMark in value) return new Map([[path, "[secret]"]]);
  return new Map(
    entries.flatMap(([key, child]) => [
      ...leavesOf(child, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key),
    ]),
  );
}

/** One value that differs; undefined where it is not there. */
export interface Difference {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What differs between the inputs of a step, by path. */
export function differencesOf({ before, after }: Step): readonly Difference[] {
  const old = leavesOf(before);
  const now = leavesOf(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((one) => one.before !== one.after);
}

/** Inputs of a container whose change makes the provider reboot it (docs/proxmox/provider-calls.md 3.5). */
const rebooting =
  /^(networkInterfaces|initialization|memory|console|devicePassthroughs|environmentVariables)\b/;

/** The inputs for whose sake a container would be rebooted; none when it would not be. */
export function rebootsFor(step: Step): readonly string[] {
  return isContainer(step) && step.operation === "update"
    ? differencesOf(step)
        .map(({ path }) => path)
        .filter((path) => rebooting.test(path))
    : [];
}
