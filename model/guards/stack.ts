/** What must hold between all the resources of a stack. */
import type { Problem } from "../problem";
import { duplicates } from "../rules/unique";
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
