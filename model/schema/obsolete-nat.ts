/** Rules on the node that guests with an address of their own no longer need, as a person names them. */
import { z } from "zod";

import { isIpv4, isLabel } from "../net";

const tables = "(filter|nat|mangle|raw|security)";
const rulePattern = new RegExp(`^(-t ${tables} )?-A [A-Za-z0-9_-]{1,28}( [\\w.,:/=!+@%"-]+)+$`);

const entry = z.string().refine((text) => isIpv4(text) || isLabel(text) || rulePattern.test(text), {
  error:
    "names no rule. Write the guest's inner address, its name under guests, or the rule as `iptables -S` prints it, `-t nat -A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE` (the table nat may be left out).",
});

export const obsoleteNat = z
  .array(entry)
  .default([])
  .describe(
    "Rules of the node that are taken away, from memory and from its files: all of the table `nat` that lead to an inner address (written as such, or as the name of a guest that has one), or one rule as `iptables -S` prints it.",
  );
