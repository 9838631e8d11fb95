/** Which hosts and daemons of a lab are meant to run: all that no fault has turned off. */
import { storedFaults } from "./stored-faults";
import type { Place } from "./place";
import { cablesOf, hostsOf, type Cable, type HostSpec } from "./topology";

/** Hosts that are meant to run, with the daemons that are. */
export function poweredHosts(place: Place): readonly HostSpec[] {
  const faults = storedFaults(place);
  const has = (kind: string, target: string): boolean =>
    faults.some((fault) => fault.kind === kind && fault.target === target);
  return hostsOf(place)
    .filter(({ name }) => !has("host", name))
    .map((host) => ({
      ...host,
      services: host.services.filter(({ name }) => !has("service", `${host.name}/${name}`)),
    }));
}

/** Cables between hosts that are meant to run. */
export function poweredCables(place: Place): readonly Cable[] {
  const names = poweredHosts(place).map(({ name }) => name);
  return cablesOf(place).filter(({ ends }) => ends.every(({ host }) => names.includes(host)));
}
