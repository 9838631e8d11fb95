/**
 * How a container is known as the one that this stack created. The tag alone does not tell: a copy or a
 * restored backup carries it too, under another VMID. So the description has a line `TAG/VMID/NAME`,
 * which scripts/node/lib.sh compares with the VMID (docs/adr/0004-ownership-by-tag.md).
 */

/** What the line says, and when the container was created. */
export interface Identity {
  readonly tag: string;
  readonly vmid: number;
  /** Host name at creation; a rename changes the host name, not this. */
  readonly name: string;
  readonly created: Date;
}

/** The description of a new container. */
export function describeContainer(text: string, { created, ...identity }: Identity): string {
  return `${text} Created at ${created.toISOString()}.\n\n${identityLine(identity)}`;
}

/** The line of the description. Proxmox encodes `:` and `%` there, so it has neither. */
export function identityLine({ tag, vmid, name }: Omit<Identity, "created">): string {
  return `${tag}/${vmid}/${name}`;
}

/** The name in the line of a description; empty without such a line. */
export function nameIn(description: string, tag: string): string {
  const line = description.split("\n").find((one) => one.startsWith(`${tag}/`));
  return line?.trim().split("/")[2] ?? "";
}

/**
 * When the container was created; where the description does not say it, the description, without the
 * line that a set-up may have added since.
 */
export function generationIn(description: string): string {
  const [, created] = /\b(?:Made|Created) at (\S+Z)\.?/.exec(description) ?? [];
  return created ?? description.replace(/^proximity-lan-\S+\/\d+\/\S*$/gm, "").trim();
}

/** Whether the container was created at that time or later. */
export function isCreatedSince(description: string, time: Date): boolean {
  return new Date(generationIn(description)).getTime() >= time.getTime();
}
