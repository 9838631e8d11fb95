/** Whether a container that somebody made can become an app as it is, and the entry that declares it so. */
import { families, type Family } from "./family";
import type { Problem } from "./problem";
import type { UnplacedSite } from "./site";

/** A container's configuration as Proxmox tells it, key by key. */
export type ContainerConfig = Readonly<Record<string, unknown>>;

/** What is written under `apps`: where the container is, and its sizes in MiB and GiB. */
export interface AppEntry {
  readonly vmid: number;
  readonly network: "direct";
  readonly family: Family;
  readonly mac: string;
  readonly cores: number;
  readonly memory: number;
  readonly swap: number;
  readonly disk: number;
}

/** The entry, or everything that would make Proxmox or Pulumi change more than a restart puts right. */
export type Adoption =
  | { readonly ok: true; readonly entry: AppEntry }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Judges one container against the site that it is to come under. */
export function adopt(site: UnplacedSite, vmid: number, config: ContainerConfig): Adoption {
  const problems = problemsOf(site, vmid, config);
  const family = familyIn(config);
  if (problems.length > 0 || family === undefined) return { ok: false, problems };
  const number = (key: string, absent: number) => Number(text(config[key]) || absent);
  return {
    ok: true,
    entry: {
      vmid,
      network: "direct",
      family,
      mac: optionsOf(config["net0"]).get("hwaddr") ?? "",
      cores: number("cores", 1),
      memory: number("memory", 512),
      swap: number("swap", 0),
      disk: gibibytes(optionsOf(config["rootfs"]).get("size")),
    },
  };
}

/** What an app cannot have, so that it would be taken off, or the container made anew without it. */
const strange = /^(net[1-9]\d*|mp\d+|dev\d+|lxc|hookscript|env|entrypoint)$/;

function problemsOf(
  { storage, appliance: { wan } }: UnplacedSite,
  vmid: number,
  config: ContainerConfig,
): readonly Problem[] {
  const read = (key: string) => text(config[key]);
  const nic = optionsOf(config["net0"]);
  const holder = (optionsOf(config["rootfs"]).get("") ?? "").split(":")[0] ?? "";
  const extra = Object.keys(config).filter((key) => strange.test(key));
  const checks: readonly (readonly [boolean, string, string])[] = [
    [read("template") !== "1", "template", "it is a template. Make a container of it first."],
    [
      read("lock") === "",
      "lock",
      `something is under way with it (${read("lock")}). Wait until that ends.`,
    ],
    [
      read("protection") !== "1",
      "protection",
      `it is protected, and an app is not. Take that off: pct set ${vmid} --protection 0.`,
    ],
    [
      read("unprivileged") === "1",
      "unprivileged",
      "it is privileged, so its root is root on the node, and it would be recreated. Back it up, and restore it with pct restore --unprivileged 1.",
    ],
    [
      read("features") === "nesting=1",
      "features",
      `they are "${read("features")}" and must be nesting=1, which no token may change. As root: pct set ${vmid} --features nesting=1.`,
    ],
    [
      familyIn(config) !== undefined,
      "ostype",
      `it is ${read("ostype") || "unknown"}, and the set-up of an app knows ${families.join(" and ")}. Leave it as it is.`,
    ],
    [
      extra.length === 0,
      extra.join(", "),
      "an app has one interface and one disk, and nothing that only root may set. Take that off, or leave the container as it is.",
    ],
    [
      nic.get("bridge") === wan.bridge && nic.get("name") === "eth0",
      "net0",
      `it must be eth0 on ${wan.bridge}, where an app is while it is direct.`,
    ],
    [
      nic.get("ip") === "dhcp",
      "net0",
      "its address is not from DHCP, so it would change. Set it to DHCP, with a reservation in your router where it must stay.",
    ],
    [
      read("cores") !== "",
      "cores",
      `it may use all of them. Say how many: pct set ${vmid} --cores 2.`,
    ],
    [
      holder === storage,
      "rootfs",
      `its disk is on ${holder}, and this site's are on ${storage}. Move it: pct move-volume ${vmid} rootfs ${storage}.`,
    ],
  ];
  return checks.flatMap(([holds, path, message]) => (holds ? [] : [{ path, message }]));
}

function familyIn(config: ContainerConfig): Family | undefined {
  return families.find((family) => family === config["ostype"]);
}

/** `key=value` pairs; what has no key, the volume of a disk, is under the empty one. */
function optionsOf(value: unknown): ReadonlyMap<string, string> {
  return new Map(
    text(value)
      .split(",")
      .map((part): [string, string] => {
        const [key = "", ...rest] = part.split("=");
        return rest.length === 0 ? ["", key] : [key, rest.join("=")];
      }),
  );
}

/** Rounded up, since disks only grow. */
function gibibytes(size = ""): number {
  const [, amount = "0", unit = "G"] = /^(\d+)([MGT])$/.exec(size) ?? [];
  const perUnit = unit === "T" ? 1024 : unit === "M" ? 1 / 1024 : 1;
  return Math.max(1, Math.ceil(Number(amount) * perUnit));
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
