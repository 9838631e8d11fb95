/** Which TCP ports of an interface on the LAN should open. */
import { meaningOf } from "../../model/firewall/meaning";
import type { Firewall, FirewallRule } from "../../model/public-interface";
import type { InsideView } from "./public-view";

/** TCP ports that answer on the LAN's side too. */
export function portsIn({ listens }: InsideView): readonly number[] {
  const outside = listens.filter((place) => !/^(127\.|\[::1\])/.test(place));
  return outside.map((place) => Number(/:(\d+)$/.exec(place)?.[1]));
}

/** What should open and does not, or opens and should not. */
export function wrongPorts(
  firewall: Firewall,
  listening: readonly number[],
  open: readonly number[],
): readonly string[] {
  const shut = firewall.open.filter((port) => listening.includes(port) && !open.includes(port));
  const stray = open.filter((port) => !mayOpen(firewall, port));
  return [
    ...shut.map((port) => `${port} does not open, though something listens there`),
    ...stray.map((port) => `${port} is open, though not declared`),
  ];
}

/** Whether any rule may let the port through; for whom, the filter knows. */
function mayOpen(firewall: Firewall, port: number): boolean {
  const { open, policyIn, rules } = firewall;
  return (
    policyIn === "ACCEPT" ||
    open.includes(port) ||
    rules.some(
      (rule) =>
        rule.enabled &&
        rule.direction === "in" &&
        rule.action === "ACCEPT" &&
        covers(rule, firewall, port),
    )
  );
}

function covers(rule: FirewallRule, firewall: Firewall, wanted: number): boolean {
  const meaning = meaningOf(rule, firewall);
  if ("problem" in meaning) return false;
  return meaning.some(
    ({ protocol, port }) =>
      (protocol === undefined || protocol.name === "tcp") &&
      (port === undefined || inList(port, wanted)),
  );
}

function inList(list: string, wanted: number): boolean {
  return list.split(",").some((part) => {
    const [first = 0, last = first] = part.split(":").map(Number);
    return wanted >= first && wanted <= last;
  });
}
