/**
 * The two files of a Phoenix hypervisor, `phoenix_hypervisor_config.json` and `phoenix_lxc_configs.json`,
 * as a declaration of this program. What has no place here is named with the reason, without its value:
 * such files hold passwords.
 */
import { toLabel } from "../../model/net";
import { dnsOf } from "./dns";
import { guestOf } from "./guest";
import { Place, type Path } from "./place";
import { reasonInContainer, reasonInHost, templateReason } from "./reasons";
import { nameOf, switchAt, textAt, type Problems } from "./values";

/** What could be carried over, and what could not. */
export interface Imported {
  /** Parts of a site, in the words of its schema; node and template are still missing. */
  readonly site: Readonly<Record<string, unknown>>;
  /** Each value that is not, or not as it is, in the site: `path: reason`. */
  readonly notes: readonly string[];
  /** What is wrong with the files: `path: sentence`. The site is worth nothing then. */
  readonly problems: readonly string[];
}

/** The appliance's VMID where a declaration has none (model/schema/appliance.ts). */
const APPLIANCE_VMID = 100;

/** Translates both files, as JSON.parse gives them. */
export function importPhoenix(hypervisor: unknown, lxc: unknown): Imported {
  const problems: Problems = [];
  const host = Place.of(hypervisor);
  const file = Place.of(lxc);
  const frame = file.at("lxc_configs");
  const entries = (frame.value === undefined ? file : frame)
    .places()
    .filter(({ key, value }) => /^\d+$/.test(key) && typeof value === "object");
  const templates = entries.filter(isTemplate);
  const containers = entries.filter((entry) => !templates.includes(entry));
  for (const { key, path } of frame.places())
    if (!/^\d+$/.test(key))
      problems.push(`${nameOf(path)}: is not a VMID. The keys of lxc_configs are VMIDs.`);
  if (entries.length === 0) problems.push("lxc_configs: has no containers, by their VMIDs.");

  for (const template of templates) template.leave(`${templateReason}; left out.`);
  const names = namesOf(containers, problems);
  const storage = storageOf(containers, problems);
  const network = networkOf(host, problems);
  const publicBridge = textAt(host.at("network").at("public_bridge"), []) ?? "vmbr0";
  const guests = containers.map(
    (one) => [names.get(one) ?? "", guestOf(one, publicBridge, problems)] as const,
  );
  const obsolete = guests.flatMap(([name, { hasAddresses }]) => (hasAddresses ? [name] : []));
  return {
    site: {
      ...(Object.keys(network).length === 0 ? {} : { network }),
      ...storage.site,
      ...applianceOf(entries, containers),
      guests: Object.fromEntries(guests.map(([name, { guest }]) => [name, guest])),
      ...(obsolete.length === 0 ? {} : { obsoleteNat: obsolete }),
    },
    notes: [...hostNotes(host), ...storage.notes, ...fileNotes(file, entries)],
    problems,
  };
}

function isTemplate(entry: Place): boolean {
  const isMarked = switchAt(entry.at("is_template")) === true;
  return isMarked || entry.at("template_snapshot_name").value !== undefined;
}

/** The host name of each container; two that would have the same are refused. */
function namesOf(containers: readonly Place[], problems: Problems): ReadonlyMap<Place, string> {
  const holders = new Map<string, Place>();
  const names = new Map<Place, string>();
  for (const one of containers) {
    const place = one.at("name");
    const name = textAt(place, problems);
    const label = toLabel(name ?? "");
    const holder = holders.get(label);
    if (place.value === undefined)
      problems.push(`${nameOf(place.path)}: is missing. It must be text.`);
    else if (label === "")
      problems.push(`${nameOf(place.path)}: has no letter or digit that a host name could have.`);
    else if (holder !== undefined)
      problems.push(
        `${nameOf(place.path)}: ${holder.key} and ${one.key} would both be ${label}. Rename one of them.`,
      );
    else holders.set(label, one);
    // Without a name of its own it goes by its VMID, so that what else is wrong with it is found as well.
    names.set(one, holders.get(label) === one ? label : one.key);
    if (label !== name) place.leave(`${name ?? ""} becomes the host name ${label}.`);
  }
  return names;
}

function networkOf(host: Place, problems: Problems): Readonly<Record<string, unknown>> {
  const publicBridge = textAt(host.at("network").at("public_bridge"), problems);
  const domain = textAt(host.at("domain_name"), problems)?.toLowerCase().replace(/\.$/, "");
  return {
    ...(publicBridge === undefined ? {} : { publicBridge }),
    ...(domain === undefined ? {} : { domain }),
    ...dnsOf(host.at("dns_server"), domain ?? "", problems),
  };
}

/** One storage serves a whole site. */
function storageOf(containers: readonly Place[], problems: Problems) {
  const pools = containers.flatMap((one) => textAt(one.at("storage_pool"), problems) ?? []);
  const [storage, ...others] = new Set(pools.filter((pool) => pool !== ""));
  if (storage === undefined) return { site: {}, notes: [] };
  return others.length === 0
    ? { site: { storage }, notes: [] }
    : {
        site: {},
        notes: [`storage_pool: ${[storage, ...others].join(", ")}; a site has one. Set storage.`],
      };
}

/** Another VMID for the appliance where a container has the one that it would get. */
function applianceOf(entries: readonly Place[], containers: readonly Place[]) {
  const holder = containers.find(({ key }) => Number(key) === APPLIANCE_VMID);
  if (holder === undefined) return {};
  const taken = new Set(entries.map(({ key }) => Number(key)));
  let vmid = APPLIANCE_VMID;
  while (taken.has(vmid)) vmid++;
  return { appliance: { vmid } };
}

/** Places of the hypervisor's file by their reasons; its objects that are used in part come first. */
function hostNotes(host: Place): readonly string[] {
  const parts = ["network", "dns_server"].map((key) => host.at(key));
  const rest = [
    ...parts.flatMap((part) => part.rest()),
    ...host.rest().filter(({ path }) => !parts.some(({ key }) => path[0] === key)),
  ];
  const byReason = new Map<string, string[]>();
  for (const { path } of rest) {
    const reason = reasonInHost(path);
    byReason.set(reason, [...(byReason.get(reason) ?? []), nameOf(path)]);
  }
  return [
    ...(host.at("network").at("public_bridge").value === undefined
      ? ["network.public_bridge: is not there, so it is vmbr0."]
      : []),
    ...host.remarks.map(([path, reason]) => `${nameOf(path)}: ${reason}`),
    ...[...byReason].map(([reason, names]) => `${names.join(", ")}: ${reason}`),
  ];
}

/** Places of the containers' file, container by container. */
function fileNotes(file: Place, entries: readonly Place[]): readonly string[] {
  const isBelow = (path: Path, entry: Place) => entry.path.every((key, at) => path[at] === key);
  const beside = file
    .rest()
    .flatMap((place) => (place.key === "lxc_configs" ? place.rest() : [place]))
    .filter(({ path }) => !entries.some((entry) => isBelow(path, entry)));
  return [
    ...(beside.length === 0
      ? []
      : [`${beside.map(({ path }) => nameOf(path)).join(", ")}: ${reasonInHost([])}`]),
    ...entries.flatMap((entry) => [
      ...file.remarks
        .filter(([path]) => isBelow(path, entry))
        .map(([path, reason]) => `${titleOf(entry, path)}: ${reason}`),
      ...entry
        .rest()
        .map(({ path }) => `${nameOf(path)}: ${reasonInContainer(path.slice(entry.path.length))}`),
    ]),
  ];
}

/** A container as a whole goes by its name as well. */
function titleOf(entry: Place, path: Path): string {
  const name = entry.at("name").value;
  return path.length === entry.path.length && typeof name === "string"
    ? `${entry.key} (${name})`
    : nameOf(path);
}
