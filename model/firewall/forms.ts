/**
 * The parts of a firewall as a person writes them, in the form in which Proxmox reads them back. What its
 * parser would skip is refused with the reason (docs/proxmox/firewall.md 3).
 */
import { formatInterval, parseNetwork, parseRange, type Interval } from "./address";
import { findMacro, macroNames } from "./macros";
import { icmpTypeNames, protocolOf } from "./protocols";
import { portNamed } from "./services";

/** A text in Proxmox's form, or why there is none. */
export type Formed = string | { readonly reason: string };

const because = (reason: string): Formed => ({ reason });

/** The longest name of an alias, a set, or one of those with its scope, in characters. */
const longest = 64;

const reference = /^(\+?)(dc\/|guest\/)?([A-Za-z][A-Za-z0-9_-]+)$/;

/** A set or an alias, in lower case, and with its scope only if that is the datacenter. */
function formReference(text: string): Formed {
  const [, plus = "", scope = "", name] = reference.exec(text) ?? [];
  if (name === undefined)
    return because(
      `${text} is not the name of a set. Begin with a letter; letters, digits, hyphens and underscores follow.`,
    );
  const named = `${scope === "dc/" ? scope : ""}${name.toLowerCase()}`;
  return named.length > longest
    ? because(`${text} is longer than ${longest} characters, which Proxmox refuses. Shorten it.`)
    : `${plus}${named}`;
}

/** The interval of one part of a list, or why it has none. */
function intervalOf(part: string, isAlone: boolean): Interval | { readonly reason: string } {
  const range = parseRange(part);
  if (range !== undefined) {
    if (range.first > range.last)
      return {
        reason: `${part} begins behind its end. Write ${part.split("-").reverse().join("-")}.`,
      };
    return isAlone
      ? range
      : {
          reason: `${part} is a range, which Proxmox refuses in a list. Write a rule for it alone, or networks.`,
        };
  }
  const network = parseNetwork(part);
  if (network === undefined)
    return {
      reason: `"${part}" is not a source or destination. Write 10.0.0.5, 10.0.0.0/24, 10.0.0.5-10.0.0.9, a list of addresses and networks with commas and no blanks, +SET, or an alias.`,
    };
  return network.hasHostBits
    ? {
        reason: `${part} is not a network, and Proxmox skips a rule with it. Write ${formatInterval(network)} or ${part.replace(/\/.*/, "")}.`,
      }
    : network;
}

/** Source or destination: a set, an alias, one range, or addresses and networks of one family. */
export function formAddresses(text: string): Formed {
  if (text.startsWith("+") || reference.test(text)) return formReference(text);
  const parts = text.split(",");
  const intervals: Interval[] = [];
  for (const part of parts) {
    const interval = intervalOf(part, parts.length === 1);
    if ("reason" in interval) return interval;
    intervals.push(interval);
  }
  return new Set(intervals.map(({ family }) => family)).size > 1
    ? because(`${text} mixes IPv4 and IPv6, which Proxmox refuses. Write a rule for each.`)
    : intervals.map(formatInterval).join(",");
}

/** An alias: an address or a network, without host bits, as the kernel reads it. */
export function formAlias(text: string): Formed {
  const network = parseNetwork(text);
  return network === undefined
    ? because(`"${text}" is not an address or a network. Write 10.0.0.5 or 10.0.0.0/24.`)
    : formatInterval(network);
}

/** One entry of a set: an address, a network or an alias, with ! in front as an exception. */
export function formEntry(text: string): Formed {
  const [, not = "", rest = ""] = /^(!?)(.*)$/s.exec(text) ?? [];
  const formed = !rest.startsWith("+") && reference.test(rest) ? formReference(rest) : undefined;
  if (formed !== undefined) return typeof formed === "string" ? `${not}${formed}` : formed;
  const network = parseNetwork(rest);
  if (network === undefined)
    return because(
      `"${text}" is not an entry of a set. Write an address, a network or an alias, with ! in front to leave it out.`,
    );
  return network.prefix === 0
    ? because(
        `${text} is everything, which Proxmox refuses in a set. Write two halves, such as 0.0.0.0/1 and 128.0.0.0/1, or leave the source out.`,
      )
    : `${not}${formatInterval(network)}`;
}

/** The most numbers in a list of ports, where a range counts two: the limit of the kernel's multiport match. */
const mostPorts = 15;

const range = /^(0|[1-9]\d{0,4})(?::(0|[1-9]\d{0,4}))?$/;

function formPort(item: string): Formed {
  const named = portNamed(item);
  if (named !== undefined) return named;
  const [, first = "", last = first] = range.exec(item) ?? [];
  if (first === "" || Math.max(Number(first), Number(last)) > 65_535)
    return because(
      `"${item}" is not a port. Write 80, https, 8000:8010, or a list of them with commas and no blanks.`,
    );
  if (Number(first) > Number(last))
    return because(`${item} begins behind its end. Write ${last}:${first}.`);
  if (first !== last) return item;
  return first === "0"
    ? because(
        "0 is not a port: Proxmox would read it as every port. Leave it out, or write 1 or more.",
      )
    : first;
}

/** Ports by their numbers. */
export function formPorts(text: string): Formed {
  const items: string[] = [];
  for (const item of text.split(",")) {
    const formed = formPort(item);
    if (typeof formed !== "string") return formed;
    items.push(formed);
  }
  const count = items.flatMap((item) => item.split(":")).length;
  return count > mostPorts
    ? because(
        `${text} has ${count} numbers, and the kernel takes ${mostPorts}. Divide them between two rules.`,
      )
    : items.join(",");
}

/** A protocol by its name, or by its number if it has none. */
export function formProtocol(text: string): Formed {
  if (["0", "ip", "hopopt"].includes(text))
    return because(`${text} stands for every protocol. Leave it out.`);
  return (
    protocolOf(text)?.name ??
    because(
      `"${text}" is not a protocol that Proxmox knows. Write tcp, udp, icmp, another name of Debian's /etc/protocols, or its number.`,
    )
  );
}

/** A macro as Proxmox spells it. */
export function formMacro(text: string): Formed {
  return (
    findMacro(text)?.name ??
    because(
      `"${text}" is not a macro of Proxmox. Write protocol and port, or one of ${macroNames.join(", ")}.`,
    )
  );
}

/** An ICMP type of either family. */
export function formIcmpType(text: string): Formed {
  const known = [...icmpTypeNames(4), ...icmpTypeNames(6), "any"];
  return known.includes(text)
    ? text
    : because(
        `"${text}" is not an ICMP type that Proxmox knows. Write one of ${[...new Set(known)].join(", ")}.`,
      );
}
