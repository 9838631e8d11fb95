/** Which guest has which declared address, as the appliance's proximity-sets reads it. */
import { header, toText } from "./header";

/** One guest of the private network. */
export interface GuestAddress {
  readonly address: string;
  readonly mac: string;
}

/** One line a guest, `ADDRESS MAC`. */
export function renderGuests(guests: readonly GuestAddress[]): string {
  return toText([header("#"), ...guests.map(({ address, mac }) => `${address} ${mac}`)]);
}
