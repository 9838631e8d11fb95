import type { GuestInterface } from "../../../../../backend/backend";
import type { Call, Json, Reply } from "../../../../../server/context";
import { isAtLeast } from "../../../../../server/versions";

const shown = (addresses: GuestInterface["addresses"]): readonly Json[] =>
  addresses.map(({ address, prefix, family }) => ({
    "ip-address": address,
    prefix,
    "ip-address-type": family,
  }));

/** GET .../interfaces: what the guest's interfaces have now; null while it does not run. */
export async function GET({ lab, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const vmid = Number(params.required("vmid"));
  await lab.guests.load(node, vmid);
  if (!(await lab.backend.guestState(node, vmid)).running) return { data: null };
  const interfaces = await lab.backend.guestInterfaces(node, vmid);
  // Before 8.4 a node answered without the list of addresses (docs/proxmox/provider-calls.md 3.4).
  const listsAddresses = isAtLeast(lab.version, "8.4");
  return {
    data: interfaces.map(({ name, mac, addresses }) => {
      const first = (family: string): string | undefined => {
        const found = addresses.find((entry) => entry.family === family);
        return found === undefined ? undefined : `${found.address}/${found.prefix}`;
      };
      const [inet, inet6] = [first("inet"), first("inet6")];
      return {
        name,
        hwaddr: mac,
        ...(inet === undefined ? {} : { inet }),
        ...(inet6 === undefined ? {} : { inet6 }),
        ...(listsAddresses ? { "hardware-address": mac, "ip-addresses": shown(addresses) } : {}),
      };
    }),
  };
}
