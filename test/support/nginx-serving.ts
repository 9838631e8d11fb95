/** Which server of a configuration answers to an address and a name, as nginx decides it. */
import type { Directive } from "./nginx-tree";

/** A listener of a server. */
export interface Listener {
  /** The server's place among the servers. */
  readonly server: number;
  /** An address, or `0.0.0.0` and `[::]` for all of a family. */
  readonly address: string;
  readonly port: number;
  readonly flags: readonly string[];
}

/** A configuration's servers. */
export interface Serving {
  readonly names: readonly (readonly string[])[];
  readonly listeners: readonly Listener[];
}

/** All IPv4 addresses. */
export const ALL4 = "0.0.0.0";
/** All IPv6 addresses. */
export const ALL6 = "[::]";

/** The name of all addresses of an address's family. */
export const allOf = (address: string): string => (address.startsWith("[") ? ALL6 : ALL4);

const listener = (server: number, value: string): Listener => {
  const [target = "", ...flags] = value.split(" ");
  const [, address = "*", port = ""] = /^(?:(.*):)?(\d+)$/.exec(target) ?? [];
  return { server, address: address === "*" ? ALL4 : address, port: Number(port), flags };
};

const valuesOf = (server: Directive, name: string): readonly string[] =>
  server.children.filter((child) => child.name === name).map(({ value }) => value);

/** Reads a tree whose top directives are servers. */
export function servingOf(tree: readonly Directive[]): Serving {
  const servers = tree.filter(({ name }) => name === "server");
  return {
    names: servers.map((server) => valuesOf(server, "server_name").flatMap((v) => v.split(" "))),
    listeners: servers.flatMap((server, at) =>
      valuesOf(server, "listen").map((value) => listener(at, value)),
    ),
  };
}

/** The listeners that share a socket, in order. */
export const socketOf = ({ listeners }: Serving, address: string, port: number) =>
  listeners.filter((listen) => listen.address === address && listen.port === port);

/** The listeners that take a connection to an address: its own socket goes before that of all addresses. */
export function takers(serving: Serving, address: string, port: number): readonly Listener[] {
  const own = socketOf(serving, address, port);
  return own.length > 0 ? own : socketOf(serving, allOf(address), port);
}

const isDefault = ({ flags }: Listener): boolean => flags.includes("default_server");

/** The server that has a name at an address; none when only the default one would answer. */
export const ownerOf = (serving: Serving, address: string, port: number, name: string) =>
  takers(serving, address, port).find(({ server }) => serving.names[server]?.includes(name))
    ?.server;

/** The server that answers to all other names at an address. */
export function defaultOf(serving: Serving, address: string, port: number): number | undefined {
  const all = takers(serving, address, port);
  return (all.find(isDefault) ?? all[0])?.server;
}

/** Whether nginx would accept it: no listener twice in a server, and one default server for a socket. */
export function isAccepted(serving: Serving): boolean {
  const { listeners } = serving;
  const keys = listeners.map(({ server, address, port }) => `${server} ${address} ${port}`);
  const defaults = listeners.filter(isDefault).map(({ address, port }) => `${address} ${port}`);
  return new Set(keys).size === keys.length && new Set(defaults).size === defaults.length;
}
