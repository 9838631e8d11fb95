/** What an update would do to the data in this stack's containers, and the names that they had before. */
import type { ObservedGuest } from "./preflight";
import type { Site } from "./site";

/** A container of this stack that is not declared any more. */
export interface Removal {
  readonly vmid: number;
  readonly name: string;
  /** What it means and what to do, for the person. */
  readonly message: string;
}

type Named = Pick<ObservedGuest, "vmid" | "name">;

/**
 * Containers that an update would destroy with their data: on the cluster, of this stack, and under no
 * declared VMID. `named` are those that a person gave up, by name and VMID. The appliance keeps no data.
 */
export function unnamedRemovals(
  site: Pick<Site, "appliance" | "apps" | "guests" | "removed">,
  own: readonly Named[],
  named: Readonly<Record<string, number>> = {},
): readonly Removal[] {
  const { appliance, apps, guests, removed } = site;
  const declared = new Set([appliance, ...apps, ...guests].map(({ vmid }) => vmid));
  return own
    .filter(({ vmid, name }) => !declared.has(vmid) && name !== appliance.hostname)
    .filter(({ vmid, name }) => removed[name] !== vmid && named[name] !== vmid)
    .map(({ vmid, name }) => {
      const moved = [...apps, ...guests].find((one) => one.name === name);
      const why =
        moved === undefined
          ? "is not declared any more"
          : `is not declared any more: ${name} has the VMID ${moved.vmid} now, which gets a new, empty container`;
      return {
        ...{ vmid, name },
        message: `Container ${vmid} (${name}) ${why}. An update destroys it with its disk. To keep it, declare it as it was. To destroy it, declare under site \`removed: { ${name}: ${vmid} }\`, or use \`make up\`, which asks for its name.`,
      };
    });
}

/**
 * The host names that containers still have while they are declared under another name. An app that is
 * renamed keeps its container. Empty for a name that another entry has now (preflight.ts refuses it).
 */
export function formerNames(
  { appliance, apps, guests }: Pick<Site, "appliance" | "apps" | "guests">,
  own: readonly Named[],
): ReadonlyMap<number, string> {
  const declared = [{ vmid: appliance.vmid, name: appliance.hostname }, ...apps, ...guests];
  const names = new Set(declared.map(({ name }) => name));
  return new Map(
    own.flatMap(({ vmid, name }) =>
      declared.some((one) => one.vmid === vmid) && !names.has(name) ? [[vmid, name] as const] : [],
    ),
  );
}

/** Reads `NAME=VMID NAME=VMID`, as commands/up.ts hands on the names that were typed. */
export function parseNamed(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    text
      .split(" ")
      .filter((word) => word !== "")
      .map((word) => {
        const [name = "", vmid = ""] = word.split("=");
        return [name, Number(vmid)];
      }),
  );
}
