/** Orders of faults over a local socket of the lab's server: GET, POST and DELETE of `/faults`. */
import { createServer, request, type IncomingMessage, type Server } from "node:http";

import { readOrder, type FaultOrder } from "./fault";
import type { Faults } from "./faults";

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  message.setEncoding("utf8");
  for await (const part of message) text += String(part);
  return text;
}

async function reply(faults: Faults, message: IncomingMessage): Promise<unknown> {
  const id = /^\/faults\/(\d+)$/.exec(message.url ?? "")?.[1];
  switch (message.method) {
    case "GET":
      return faults.list();
    case "POST":
      return [await faults.order(readOrder(JSON.parse(await textOf(message))))];
    case "DELETE":
      return faults.clear(id === undefined ? undefined : Number(id));
    default:
      throw new Error(`Faults know GET, POST and DELETE, not ${message.method ?? ""}.`);
  }
}

/** A server for orders, not yet listening. Anyone who can open its socket may give orders. */
export const faultServer = (faults: Faults): Server =>
  createServer((message, response) => {
    reply(faults, message).then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => {
        response.writeHead(400).end(error instanceof Error ? error.message : String(error));
      },
    );
  });

/** Asks the lab's server; resolves with the data of its answer, rejects with its message. */
export function askFaults(
  socketPath: string,
  method: "GET" | "POST" | "DELETE",
  what: { readonly id?: number; readonly order?: FaultOrder } = {},
): Promise<unknown> {
  const path = what.id === undefined ? "/faults" : `/faults/${what.id}`;
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path }, (message) => {
      textOf(message).then((text) => {
        if (message.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(text));
      }, reject);
    });
    call.once("error", reject);
    call.end(what.order === undefined ? "" : JSON.stringify(what.order));
  });
}
