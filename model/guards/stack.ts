/** What must hold between all the resources of a stack. */
import type { Problem } from "../problem";
import { duplicates } from "../rules/unique";
import type { FirewallFile } from "./command";
import type { GuestInputs } from "./container";

/** One container with the name of its resource. */
export interface NamedGuest {
  readonly name: string;
  readonly guest: GuestInputs;
}

/** No two containers share a VMID, a host name, a MAC or a static address. */
export function sharesNothing(guests: readonly NamedGuest[]): readonly Problem[] {
  const holders = (path: string, values: (guest: GuestInputs) => readonly (string | undefined)[]) =>
    guests.flatMap(({ name, guest }) =>
      values(guest).flatMap((value) =>
        value === undefined ? [] : [{ path: `${name}.${path}`, value }],
      ),
    );
  return [
    ...duplicates(
      "VMID",
      holders("vmId", ({ vmId }) => [vmId?.toString()]),
    ),
    ...duplicates(
      "host name",
      holders("hostname", ({ initialization }) => [initialization?.hostname]),
    ),
    ...duplicates(
      "MAC",
      holders("macAddress", ({ networkInterfaces = [] }) =>
        networkInterfaces.map(({ macAddress }) => macAddress?.toUpperCase()),
      ),
    ),
    ...duplicates("address", holders("address", staticAddresses)),
  ];
}

function staticAddresses({ initialization }: GuestInputs): readonly (string | undefined)[] {
  return (initialization?.ipConfigs ?? []).map(({ ipv4 }) =>
    ipv4?.address === undefined || ["dhcp", "manual"].includes(ipv4.address)
      ? undefined
      : ipv4.address.split("/")[0],
  );
}

/** Rules act only on interfaces with `firewall=1`; on others they are silent (docs/proxmox/firewall.md 1). */
export function isFiltered(
  guests: readonly NamedGuest[],
  files: readonly FirewallFile[],
): readonly Problem[] {
  return files.flatMap(({ vmid, path, content }) => {
    const owner = guests.find(({ guest }) => guest.vmId === vmid);
    const nics = owner?.guest.networkInterfaces ?? [];
    const named = [...content.matchAll(/^(?:IN|OUT|GROUP)\s.*\s-i net(\d+)\b/gm)].map(([, n]) =>
      Number(n),
    );
    // A rule without an interface is for every one that is filtered: one at least must be.
    const wanted =
      named.length > 0 ? [...new Set(named)] : nics.map((_, index) => index).slice(0, 1);
    const anyFiltered = nics.some(({ firewall }) => firewall === true);
    return wanted
      .filter((index) => nics[index]?.firewall !== true && (named.length > 0 || !anyFiltered))
      .map((index) => ({
        path: `${owner?.name ?? path}.networkInterfaces[${index}].firewall`,
        message: `the rules of ${path} never act on net${index}. Set firewall to true on it.`,
      }));
  });
}

/** What a stack says about its apps' place when the appliance fails; undefined where it says nothing. */
export interface FallbackOutputs {
  readonly onApplianceFailure?: string | undefined;
}

/** In production, apps must not move to the LAN by themselves: the isolation would vanish quietly. */
export function keepsIsolation(outputs: FallbackOutputs): readonly Problem[] {
  return outputs.onApplianceFailure === "fallback"
    ? [
        {
          path: "onApplianceFailure",
          message:
            "fallback puts the apps on the LAN when the appliance fails, and this stack is marked production. Use fail.",
        },
      ]
    : [];
}
