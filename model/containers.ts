/** What is wrong with the declared containers themselves, as the cluster has them (scripts/node/guests.sh). */
import { wantsGateway } from "./placement";
import type { Site } from "./site";
import type { ListedGuest } from "./standing";

/** One thing, in a sentence, and what ends it. */
export interface ContainerProblem {
  readonly vmid: number;
  readonly name: string;
  readonly message: string;
  readonly action: string;
  /** Whether the next update ends it. */
  readonly healed: boolean;
}

/** From this share of its disk on, a container is reported; in percent. */
const FULL = 90;

/**
 * A file system has less than its volume: ext4 keeps about 2 % for itself. Below this share of the
 * declared size, it did not grow with its volume.
 */
const SMALL = 0.88;

interface Declared {
  readonly vmid: number;
  readonly name: string;
  /** GiB. */
  readonly disk: number;
}

/** Every container that the declaration needs. */
export function declaredContainers(site: Site): readonly Declared[] {
  const { vmid, hostname, disk } = site.appliance;
  return [
    ...(wantsGateway(site) ? [{ vmid, disk, name: hostname }] : []),
    ...site.apps,
    ...site.guests,
  ];
}

/** Everything that is wrong with the containers that are declared, in their order. */
export function containerProblems(
  declared: readonly Declared[],
  guests: readonly ListedGuest[],
): readonly ContainerProblem[] {
  const vmids = new Set(declared.map(({ vmid }) => vmid));
  const others = guests.filter(({ vmid }) => !vmids.has(vmid));
  return declared.flatMap((one) => {
    const guest = guests.find(({ vmid, own }) => vmid === one.vmid && own);
    const copies = others.flatMap((other) => copyProblem(one, guest, other));
    return [...(guest === undefined ? [missing(one)] : problemsOf(one, guest)), ...copies];
  });
}

const about = (
  { vmid, name }: Declared,
  healed: boolean,
  message: string,
  action: string,
): ContainerProblem => ({
  ...{ vmid, name, healed, action },
  message: `Container ${vmid} (${name}) ${message}.`,
});

function missing(one: Declared): ContainerProblem {
  return about(one, true, "does not exist", "`make up` creates it.");
}

function problemsOf(one: Declared, guest: ListedGuest): readonly ContainerProblem[] {
  const { vmid } = one;
  const { state, lock, pending, disk } = guest;
  const used = disk === undefined ? 0 : Math.round((100 * disk.used) / disk.total);
  return [
    ...(lock === "" ? [] : [locked(one, lock)]),
    ...(state === "stopped" && lock === ""
      ? [about(one, true, "is not running", "`make up` starts it.")]
      : []),
    ...(pending.length > 0
      ? [
          about(
            one,
            true,
            `still runs without its new ${pending.join(", ")}`,
            "`make up` restarts it.",
          ),
        ]
      : []),
    ...(used < FULL
      ? []
      : [
          about(
            one,
            false,
            `has used ${used} % of its disk`,
            `Remove files in it (\`pct exec ${vmid} -- du -xm --max-depth=2 /\`), or declare a larger \`disk\`.`,
          ),
        ]),
    ...(disk === undefined || disk.total >= SMALL * one.disk * 2 ** 30
      ? []
      : [
          about(
            one,
            false,
            `has a file system of ${gib(disk.total)} GiB, and its disk is declared with ${one.disk} GiB`,
            `It did not grow with its disk. On the node: \`pct stop ${vmid}; pct fsck ${vmid} --force\`, then \`resize2fs\` on the volume that \`pct config ${vmid}\` shows as rootfs, and \`pct start ${vmid}\`.`,
          ),
        ]),
  ];
}

function locked(one: Declared, lock: string): ContainerProblem {
  return about(
    one,
    false,
    `is locked (${lock}), so Proxmox refuses to change it`,
    lock === "create"
      ? "Wait until it is created. Where nothing runs any more, `make up` removes what is left and creates it again."
      : `Wait until that ends. Where nothing runs any more, on the node: \`pct unlock ${one.vmid}\`.`,
  );
}

/** A restored backup or a clone: with the same MAC as a declared container, or its line in the description. */
function copyProblem(
  one: Declared,
  guest: ListedGuest | undefined,
  { vmid, name, node, macs, origin }: ListedGuest,
): readonly ContainerProblem[] {
  const shared = macs.filter((mac) => guest?.macs.includes(mac) === true);
  if (shared.length === 0 && origin !== one.vmid) return [];
  const copy = `${vmid} ("${name}") on ${node}`;
  if (guest === undefined)
    return [
      about(
        one,
        false,
        `is gone, and ${copy} is a copy or a restored backup of it`,
        `To go on with it: \`vzdump ${vmid}\`, \`pct destroy ${vmid}\`, then \`pct restore ${one.vmid} ARCHIVE\`, and \`make up\`. Without it, \`make up\` creates an empty one.`,
      ),
    ];
  return [
    about(
      one,
      false,
      shared.length === 0
        ? `has a copy or a restored backup: ${copy}`
        : `has the same MAC (${shared.join(", ")}) as ${copy}, a copy or a restored backup of it; both running, they take each other's address`,
      `Remove the one that you do not need, or give the copy another MAC (\`pct set ${vmid} --net0\` without \`hwaddr\`) and take the tag of this stack off it.`,
    ),
  ];
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
