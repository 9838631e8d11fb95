/** How the containers in Pulumi's state stand on the node: a deletion knows only their VMID. */

/** A guest of the cluster, as scripts/node/guests.sh lists it. */
export interface ListedGuest {
  readonly vmid: number;
  readonly node: string;
  /** Host name of a container, name of a machine. */
  readonly name: string;
  /** Whether it carries the stack's tag, and is no copy or backup of another guest. */
  readonly own: boolean;
  /** The name in its identity line (model/identity.ts); empty without one. */
  readonly mark: string;
  /** What Proxmox has locked it for; empty when it has not. */
  readonly lock: string;
  readonly bridges: readonly string[];
  readonly macs: readonly string[];
  /** The VMID in a line of this stack in its description, which a copy has from its original. */
  readonly origin?: number;
  /** Of a guest of this stack on the node that was asked; empty for all others. */
  readonly state: "running" | "stopped" | "";
  /** Settings of this program that wait for its next start. */
  readonly pending: readonly string[];
  /** Of a running guest of this stack: its root file system, in bytes. */
  readonly disk?: { readonly total: number; readonly used: number };
}

/** A container in the state. */
export interface StateContainer {
  readonly urn: string;
  readonly name: string;
  readonly node: string;
  readonly vmid: number;
  /** The name in the identity line that the state has; empty for a container of an older release. */
  readonly mark: string;
  /** Whether the engine refuses to delete or replace it. */
  readonly protect: boolean;
}

/** `here`: the guest under its VMID is this container. `foreign`: it is not. */
export type Standing = "here" | "gone" | "foreign";

/** Parses the output of guests.sh; throws on any other line. */
export function parseListedGuests(output: string): readonly ListedGuest[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map(parseLine);
}

function parseLine(line: string): ListedGuest {
  const fields = line.split("\t");
  const at = (place: number) => fields[place] ?? "";
  if (at(0) !== "guest" || fields.length !== 13)
    throw new Error(`guests.sh printed an invalid line: ${JSON.stringify(line)}`);
  const [total = 0, used = 0] = words(at(12)).map(Number);
  return {
    ...{ vmid: Number(at(1)), node: at(2), name: at(3), own: at(4) === "own" },
    ...{ mark: at(5), lock: at(6), bridges: words(at(7)), macs: words(at(8)) },
    ...(at(9) === "" ? {} : { origin: Number(at(9)) }),
    state: stateIn(at(10)),
    pending: words(at(11)),
    ...(total === 0 ? {} : { disk: { total, used } }),
  };
}

function stateIn(text: string): ListedGuest["state"] {
  return text === "running" || text === "stopped" ? text : "";
}

function words(text: string): readonly string[] {
  return text.split(" ").filter((one) => one !== "");
}

/** As `release` in scripts/node/guest.sh decides it. */
export function standingOf(
  { vmid, mark }: StateContainer,
  guests: readonly ListedGuest[],
): Standing {
  const guest = guests.find((one) => one.vmid === vmid);
  if (guest === undefined) return "gone";
  if (!guest.own) return "foreign";
  const seen = guest.mark === "" ? guest.name : guest.mark;
  return mark === "" || mark === seen ? "here" : "foreign";
}
