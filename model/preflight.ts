/** What must hold on the node before anything is created, judged from what was read there. */
import type { Problem } from "./problem";
import type { Site, UnplacedSite } from "./site";

/** A guest of the cluster, container or machine. */
export interface ObservedGuest {
  readonly vmid: number;
  readonly name: string;
  readonly node: string;
  readonly tags: readonly string[];
}

/** What the API said about the cluster's guests and the node's storages. */
export interface ObservedCluster {
  readonly guests: readonly ObservedGuest[];
  readonly datastores: readonly { readonly id: string; readonly contents: readonly string[] }[];
  /** Volume ids of container templates on the storages of `templatesOf`. */
  readonly templates: readonly string[];
}

/** Reads what scripts/node/guests-on.sh prints; throws on any other line. */
export function parseGuests(output: string): readonly ObservedGuest[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [vmid, name, node, tags] = line.split("\t");
      if (name === undefined || node === undefined || tags === undefined)
        throw new Error(`guests-on.sh printed ${JSON.stringify(line)} where a guest belongs`);
      return { vmid: Number(vmid), name, node, tags: tags.split(/[;, ]+/) };
    });
}

/** The storage part of a volume id. */
export function datastoreOf(volumeId: string): string {
  return volumeId.split(":")[0] ?? volumeId;
}

/** The guests that carry this stack's tag. */
export function ownGuests(
  { appliance }: Pick<Site, "appliance">,
  guests: readonly ObservedGuest[],
  tag: string,
): readonly ObservedGuest[] {
  const own = guests.filter(({ tags }) => tags.includes(tag));
  // The appliance first: where it is, the site is.
  return [...own].sort(
    (a, b) => Number(b.vmid === appliance.vmid) - Number(a.vmid === appliance.vmid),
  );
}

/** Every template that containers of this site are made from, with the key that names it. */
export function templatesOf({ template, appliance, apps, guests }: UnplacedSite) {
  const own = [
    { path: "appliance.template", template: appliance.template },
    ...apps.map((app) => ({ path: `apps.${app.name}.template`, template: app.template })),
  ];
  const used = own.flatMap((one) =>
    one.template === undefined ? [] : [{ path: one.path, template: one.template }],
  );
  const isShared = used.length < own.length || guests.length > 0;
  return isShared ? [{ path: "template", template }, ...used] : used;
}

/** Everything else: taken VMIDs, the template, the storage of the root disks. */
export function checkCluster(
  site: Site,
  observed: ObservedCluster,
  tag: string,
): readonly Problem[] {
  return [
    ...takenVmids(site, observed.guests, tag),
    ...missingTemplate(site, observed.templates),
    ...missingStorage(site, observed.datastores),
  ];
}

/**
 * A guest without this stack's tag is someone else's; one with another name is an app that was renamed
 * or whose VMID was given to the next. Both must be found here: when a create is answered "already
 * exists" the provider may take that guest for its own (docs/proxmox/provider-calls.md 1.2), and the old app's
 * removal, which comes last, would then delete it.
 */
function takenVmids(site: Site, guests: readonly ObservedGuest[], tag: string): readonly Problem[] {
  const { appliance, apps, guests: ownGuests } = site;
  const wanted = [
    { path: "appliance.vmid", vmid: appliance.vmid, hostname: appliance.hostname },
    ...apps.map(({ name, vmid }) => ({ path: `apps.${name}.vmid`, vmid, hostname: name })),
    ...ownGuests.map(({ name, vmid }) => ({ path: `guests.${name}.vmid`, vmid, hostname: name })),
  ];
  return wanted.flatMap(({ path, vmid, hostname }) =>
    guests
      .filter((guest) => guest.vmid === vmid)
      .flatMap(({ name, node, tags }) => {
        if (!tags.includes(tag))
          return [
            {
              path,
              message: `${vmid} is taken by "${name}" on ${node}, which this stack did not make. Choose another VMID.`,
            },
          ];
        // Otherwise it is renamed, and keeps its container.
        return name === hostname || !wanted.some((other) => other.hostname === name)
          ? []
          : [
              {
                path,
                message: `${vmid} is still the container of "${name}", which is declared with another VMID. Exchange the two, or choose another VMID. To rename an app, change its name alone.`,
              },
            ];
      }),
  );
}

function missingTemplate(site: Site, templates: readonly string[]): readonly Problem[] {
  const there = templates.length === 0 ? "none" : templates.join(", ");
  return templatesOf(site)
    .filter(({ template }) => !templates.includes(template))
    .map(({ path, template }) => ({
      path,
      message: `${template} is not on ${site.node.name}; there: ${there}. Fetch it with \`pveam update && pveam download ${datastoreOf(template)} FILE\`.`,
    }));
}

function missingStorage(site: Site, datastores: ObservedCluster["datastores"]): readonly Problem[] {
  const store = datastores.find(({ id }) => id === site.storage);
  const able = datastores.filter(({ contents }) => contents.includes("rootdir"));
  if (store?.contents.includes("rootdir") === true) return [];
  const fact = store === undefined ? "does not exist" : "takes no container disks";
  return [
    {
      path: "storage",
      message: `${site.storage} ${fact} on ${site.node.name}. Choose one of: ${able.map(({ id }) => id).join(", ") || "none takes container disks"}.`,
    },
  ];
}
