/** The systems that a container can run; each has a file in scripts/guest/family. */
export const families = ["debian", "alpine"] as const;

/** One of them. */
export type Family = (typeof families)[number];

/** What a person calls inside the container to have a service started anew, asked how it is ... */
export function serviceCommand(family: Family, verb: string, service: string): string {
  return family === "alpine" ? `rc-service ${service} ${verb}` : `systemctl ${verb} ${service}`;
}
