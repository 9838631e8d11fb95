/** What no two guests may share. */
import { innerAddress } from "../guest";
import { toLabel } from "../net";
import type { Problem } from "../problem";
import { publicHosts } from "../public-interface";
import type { SiteRule } from "./rule";

/** One problem for each later holder of a value that an earlier one has. */
export function duplicates(
  what: string,
  holders: readonly { readonly path: string; readonly value: string }[],
): readonly Problem[] {
  const first = new Map<string, string>();
  return holders.flatMap(({ path, value }) => {
    const holder = first.get(value);
    if (holder === undefined) {
      first.set(value, path);
      return [];
    }
    return [{ path, message: `${what} ${value} is also that of ${holder}. Change one of them.` }];
  });
}

const uniqueVmids: SiteRule = ({ appliance, apps, guests }) =>
  duplicates("VMID", [
    { path: "appliance.vmid", value: String(appliance.vmid) },
    ...apps.map(({ name, vmid }) => ({ path: `apps.${name}.vmid`, value: String(vmid) })),
    ...guests.map(({ name, vmid }) => ({ path: `guests.${name}.vmid`, value: String(vmid) })),
  ]);

const uniqueNames: SiteRule = ({ appliance, apps, guests }) =>
  duplicates("host name", [
    { path: "appliance.hostname", value: appliance.hostname },
    ...apps.map(({ name }) => ({ path: `apps.${name}`, value: toLabel(name) })),
    ...guests.map(({ name }) => ({ path: `guests.${name}`, value: toLabel(name) })),
  ]);

const uniqueMacs: SiteRule = ({ appliance, apps, guests }) =>
  duplicates("MAC", [
    { path: "appliance.wan.mac", value: appliance.wan.mac },
    ...apps.map(({ name, mac }) => ({ path: `apps.${name}.mac`, value: mac })),
    ...guests.map(({ name, internal }) => ({
      path: `guests.${name}.internal.mac`,
      value: internal.mac,
    })),
    ...publicHosts({ apps, guests }).map(({ path, nic }) => ({
      path: `${path}.macAddress`,
      value: nic.macAddress,
    })),
  ]);

const uniqueAddresses: SiteRule = ({ appliance: { wan }, network, apps, guests }) =>
  duplicates("address", [
    { path: "network.gateway", value: network.gateway },
    ...(wan.address === "dhcp"
      ? []
      : [{ path: "appliance.wan.address", value: wan.address.replace(/\/.*/, "") }]),
    ...apps.flatMap(({ name, address }) =>
      address === undefined || address === network.gateway
        ? []
        : [{ path: `apps.${name}.address`, value: address }],
    ),
    ...guests.flatMap((guest) => {
      const inner = innerAddress(guest);
      return inner === undefined
        ? []
        : [{ path: `guests.${guest.name}.internal.address`, value: inner }];
    }),
    ...publicHosts({ apps, guests }).map(({ path, nic }) => ({
      path: `${path}.ip`,
      value: nic.ip.address,
    })),
  ]);

/** The rules of names, VMIDs, addresses and MACs. */
export const uniqueRules: readonly SiteRule[] = [
  uniqueNames,
  uniqueVmids,
  uniqueAddresses,
  uniqueMacs,
];
