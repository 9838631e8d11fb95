/** Loopback ports of the machine that lead to addresses of the lab, as a computer on its LAN sees them. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";

import { delayed, Faults } from "../fault/faults";
import { entering } from "./host";
import type { Place } from "./place";
import { NODE, nodesOf, type NodeSpec } from "./topology";

/** One forward: a loopback port and the lab's `HOST:PORT` behind it. */
export interface Forward {
  readonly port: number;
  readonly to: string;
}

/** Loopback port of a node's API. */
export const apiPort = (place: Place, { index }: NodeSpec = NODE): number =>
  place.portBase + 6 + index;

/** Loopback port of a node's SSH. */
export const sshPort = (place: Place, { index }: NodeSpec = NODE): number =>
  place.portBase + 22 + index;

const forwardsFile = (place: Place): string => path.join(place.folder, "forwards.json");

/** The lab's forwards: the nodes' SSH and those that were asked for. */
export function forwardsOf(place: Place): readonly Forward[] {
  const ssh = nodesOf(place).map((node): Forward => {
    return { port: sshPort(place, node), to: `${node.address}:22` };
  });
  return [...ssh, ...readForwards(forwardsFile(place))];
}

function readForwards(file: string): readonly Forward[] {
  const stored: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
  return Array.isArray(stored) ? stored.filter(isForward) : [];
}

const isForward = (value: unknown): value is Forward =>
  typeof value === "object" && value !== null && "port" in value && "to" in value;

/** Writes a forward down, in place of an earlier one on its port; the lab's server takes it up on SIGHUP. */
export function addForward(place: Place, forward: Forward): void {
  if (!Number.isInteger(forward.port) || forward.port < 1 || forward.port > 65535) {
    throw new Error(`LOCALPORT ${forward.port}: a port is a number from 1 to 65535.`);
  }
  if (!/^[\w.-]+:\d+$/.test(forward.to)) {
    throw new Error(`${forward.to}: a forward leads to HOST:PORT, such as 192.168.1.10:22.`);
  }
  const others = readForwards(forwardsFile(place)).filter(({ port }) => port !== forward.port);
  writeFileSync(forwardsFile(place), JSON.stringify([...others, forward]));
}

/** Listens on the loopback ports of all forwards; `update` opens new ones and closes dropped ones. */
export class Forwarder {
  private readonly servers = new Map<number, { readonly to: string; readonly server: Server }>();

  constructor(
    private readonly place: Place,
    private readonly log: (line: string) => void,
    private readonly faults = new Faults(),
  ) {}

  /** Brings the open ports in line with the lab's forwards. */
  async update(): Promise<void> {
    const wanted = forwardsOf(this.place);
    for (const [port, { to, server }] of this.servers) {
      if (wanted.some((forward) => forward.port === port && forward.to === to)) continue;
      server.close();
      this.servers.delete(port);
    }
    const missing = wanted.filter(({ port }) => !this.servers.has(port));
    await Promise.all(missing.map((forward) => this.open(forward)));
  }

  private open({ port, to }: Forward): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.carry(socket, to);
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        this.servers.set(port, { to, server });
        this.log(`forwarding 127.0.0.1:${port} to ${to}`);
        resolve();
      });
    });
  }

  /** One connection, made by a socat on the LAN client; ends when either side does. */
  private carry(socket: Socket, to: string): void {
    const fault = this.faults.meet("connection", to);
    if (fault !== undefined) {
      void delayed(fault, "cut").then(() => {
        this.log(`fault ${fault.id} cuts a connection to ${to}`);
        socket.resetAndDestroy();
      });
    }
    try {
      const relay = ["socat", "-t", "60", "-", `TCP:${to},connect-timeout=10`];
      const [program, args] = entering(this.place, "lan-client", relay);
      const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
      socket.pipe(child.stdin).on("error", () => socket.destroy());
      child.stdout.pipe(socket);
      socket.once("error", () => child.stdin.destroy());
      // A client that is gone, or was cut off, takes its side of the lab along.
      socket.once("close", () => {
        child.stdin.destroy();
        child.stdout.destroy();
      });
      child.once("error", () => socket.destroy());
    } catch (error) {
      this.log(`forward to ${to} failed: ${String(error)}`);
      socket.destroy();
    }
  }
}
