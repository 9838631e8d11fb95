/** What no two guests may share. */
import { toLabel } from "../net";
import type { Problem } from "../problem";
import type { SiteRule } from "./rule";

/** One problem for each later holder of a value that an earlier one has. */
function duplicates(
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

const uniqueVmids: SiteRule = ({ appliance, apps }) =>
  duplicates("VMID", [
    { path: "appliance.vmid", value: String(appliance.vmid) },
    ...apps.map(({ name, vmid }) => ({ path: `apps.${name}.vmid`, value: String(vmid) })),
  ]);

const uniqueNames: SiteRule = ({ appliance, apps }) =>
  duplicates("host name", [
    { path: "appliance.hostname", value: appliance.hostname },
    ...apps.map(({ name }) => ({ path: `apps.${name}`, value: toLabel(name) })),
  ]);

const uniqueMacs: SiteRule = ({ apps }) =>
  duplicates(
    "MAC",
    apps.map(({ name, mac }) => ({ path: `apps.${name}.mac`, value: mac })),
  );

const uniqueAddresses: SiteRule = ({ apps }) =>
  duplicates(
    "address",
    apps.flatMap(({ name, address }) =>
      address === undefined ? [] : [{ path: `apps.${name}.address`, value: address }],
    ),
  );

/** The rules of names, VMIDs, addresses and MACs. */
export const uniqueRules: readonly SiteRule[] = [
  uniqueNames,
  uniqueVmids,
  uniqueAddresses,
  uniqueMacs,
];
