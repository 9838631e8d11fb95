/** Rules on the node that guests with an address of their own no longer need, as a person names them. */
import { z } from "zod";

import { isIpv4, isLabel } from "../net";
import { invalid } from "./messages";

const tables = "(filter|nat|mangle|raw|security)";
// Anything but a line end may be in quotes, such as the text of a comment.
const quoted = String.raw`"(?:[^"\\\n\r]|\\[^\n\r])*"`;
const rulePattern = new RegExp(
  `^(-t ${tables} )?-A [A-Za-z0-9_-]{1,28}( (?:[\\w.,:/=!+@%-]|${quoted})+)+$`,
  "u",
);

const entry = z
  .string()
  .refine(
    (text) => isIpv4(text) || isLabel(text) || rulePattern.test(text),
    invalid(
      "an address, a guest or a rule",
      "Write the guest's inner address, its name under guests, or the rule as `iptables -S` prints it, `-t nat -A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE` (the table nat may be left out).",
    ),
  );

export const obsoleteNat = z
  .array(entry)
  .default([])
  .describe(
    "Old rules of the node to remove, from memory and from its files: every rule of the table `nat` that leads to an inner address (the address, or the name of a guest that has one), or one rule as `iptables -S` prints it. What it removes and what it leaves: docs/old-nat.md.",
  );
