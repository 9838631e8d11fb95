import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";

import { Authenticator, type Credentials } from "../access/authenticator";
import { readUserConfig } from "../access/read";
import { BackendError, type Backend } from "../backend/backend";
import type { LabContext, Reply } from "./context";
import { dispatch } from "./dispatch";
import { ConnectionReset, Connections, withFaults } from "../fault/request";
import { Faults } from "../fault/faults";
import { GuestStore } from "../guest/store";
import { NoSuchMethod, TransportError } from "./http-error";
import { NOBODY, type Identity } from "./identity";
import { Listeners } from "./listeners";
import { nodeCommands } from "../backend/node-commands";
import { readTarget, readValues } from "./request";
import { loadSchema } from "../schema/load";
import { Tasks } from "./tasks";
import { DEFAULT_VERSION } from "./versions";

/** How a lab's API behaves; everything but the backend has a default fit for tests. */
export interface LabOptions {
  readonly backend: Backend;
  /** Key and certificate in PEM; needed for listenTls only. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly credentials?: Credentials;
  /** What GET /version says, and which API schema is used: 8.4.x, 9.1.x or 9.2.x. */
  readonly version?: string;
  /** API schema file; by default that of the version's release in lab/schema/data/. */
  readonly schemaFile?: string;
  /** How long every task takes at least, in milliseconds. */
  readonly taskDelayMs?: number;
  /** How long an operation waits for another on the same guest, in milliseconds; Proxmox waits 10 s. */
  readonly lockTimeoutMs?: number;
  /** The clock for tickets and expiry, in milliseconds since 1970. */
  readonly now?: () => number;
  /** What goes wrong on order; by default nothing, until a test orders it. */
  readonly faults?: Faults;
  /** One line per request, and for what the lab could not do. */
  readonly log?: (line: string) => void;
}

/** An unstarted lab; listen on as many ports and sockets as needed. */
export interface Lab {
  readonly context: LabContext;
  /**
   * HTTPS with tokens and tickets on a loopback port (a free one for 0) or a local socket; resolves with
   * the port. Connections are reset while `isOn` is false, as nobody answers for a node without power.
   */
  listenTls(where: number | string, isOn?: () => boolean): Promise<number>;
  /** Local socket of a node, for its `pct`: everyone who can open it is root@pam. */
  listenUnix(socket: string, node?: string): Promise<void>;
  /** Stops listening, waits for running tasks, and removes its sockets. */
  close(): Promise<void>;
}

/**
 * The tokens and the user that the project's own programs know (they open nothing but the lab). What each
 * may do is in the node's user.cfg: the first what the role of docs/install.md grants, the second everything but
 * what Proxmox keeps for the user root@pam itself.
 */
export const DEFAULT_CREDENTIALS: Credentials = {
  tokens: {
    "pulumi@pve!lab": "0b9bf2b6-6f2c-4a62-8a5b-3c7d2f5f7a10",
    "root@pam!lab": "5d1c8a9e-3b47-4f0e-9c55-2f6a7e1d0b34",
  },
  users: { "root@pam": "lab-root-password" },
};

/** Creates a lab: Proxmox's API over a backend. Throws if there is no API schema for its version. */
export function createLab(options: LabOptions): Lab {
  const { backend, log = () => undefined } = options;
  const users = (): ReturnType<typeof readUserConfig> => readUserConfig(backend);
  const faults = options.faults ?? new Faults();
  const now = (): number => (options.now ?? Date.now)() + faults.clockShift();
  const auth = new Authenticator(options.credentials ?? DEFAULT_CREDENTIALS, users, now);
  const context = contextOf(options, { auth, faults, now });
  const schema = loadSchema(context.version, options.schemaFile);
  const listeners = new Listeners();
  const connections = new Connections();

  const api = async (message: IncomingMessage, who: () => Promise<Identity>): Promise<Reply> => {
    const target = readTarget(message);
    const isLogin = target.method === "POST" && target.segments.join("/") === "access/ticket";
    return withFaults(context.faults, target, async () => {
      const caller = isLogin ? NOBODY : await who();
      const values = await readValues(message, target);
      return dispatch(context, schema, caller, { ...target, values });
    });
  };

  const serveApi = (
    message: IncomingMessage,
    response: ServerResponse,
    who: () => Promise<Identity>,
  ): void => {
    const started = performance.now();
    const reply = (): Promise<Reply> => api(message, who);
    const done = (how: number | string): void => {
      const took = (performance.now() - started).toFixed(1);
      log(`${message.method ?? ""} ${message.url ?? ""} -> ${how} in ${took} ms`);
    };
    void answer(response, reply).then(done, () => {
      connections.reset(message.socket);
      done("connection reset");
    });
  };

  const commands = nodeCommands(context, schema, () => auth.root(), log);

  return {
    context,
    listenTls(where, isOn = () => true) {
      if (options.tls === undefined) throw new Error("listenTls needs the option tls");
      const { key, cert } = options.tls;
      const server = createHttps({ key, cert, minVersion: "TLSv1.2" }, (message, response) => {
        const writes = message.method !== "GET";
        serveApi(message, response, () => auth.authenticate(message.headers, writes));
      });
      connections.watch(server, isOn);
      return listeners.add(server, where);
    },
    async listenUnix(socket, node = backend.nodes[0] ?? "") {
      const server = createHttp((message, response) => {
        const command = commands.get(message.url ?? "");
        if (command === undefined || message.method !== "POST") {
          serveApi(message, response, () => auth.root());
          return;
        }
        command(message, response, node).catch((error: unknown) => {
          response.writeHead(500).end(String(error));
        });
      });
      await listeners.add(server, socket);
    },
    async close() {
      await listeners.close();
      await context.tasks.idle();
    },
  };
}

function contextOf(
  options: LabOptions,
  {
    auth,
    faults,
    now,
  }: { readonly auth: Authenticator; readonly faults: Faults; readonly now: () => number },
): LabContext {
  const { backend, version = DEFAULT_VERSION } = options;
  return {
    backend,
    version,
    faults,
    guests: new GuestStore(backend, options.lockTimeoutMs ?? 10_000, faults),
    tasks: new Tasks(options.taskDelayMs ?? 0, faults, now),
    login: (user, password) => auth.login(user, password),
  };
}

/** A reason phrase is one line of plain characters. */
const phrase = (text: string): string => text.replace(/[^\x20-\x7e]+/g, " ").trim();

/** The body of a refusal: plain text from the HTTP server, else the API's JSON form of an error. */
function refusalBody(error: unknown): string | object {
  if (error instanceof TransportError) return error.body;
  const text = error instanceof Error ? error.message : String(error);
  // Whatever dies in Perl ends with a newline; what the server itself says of a path does not.
  const message = error instanceof NoSuchMethod ? text : `${text.trimEnd()}\n`;
  const errors = error instanceof BackendError ? error.errors : undefined;
  return { data: null, message, ...(errors === undefined ? {} : { errors }) };
}

/** Writes the envelope of a reply, or Proxmox's form of an error, and returns the status; rejects when there is to be no answer. */
async function answer(response: ServerResponse, reply: () => Promise<Reply>): Promise<number> {
  let status = 200;
  let reason = "OK";
  let body: string | object;
  try {
    body = await reply();
  } catch (error) {
    if (error instanceof ConnectionReset) throw error;
    status = error instanceof BackendError ? error.status : 500;
    reason = phrase(error instanceof Error ? error.message : String(error));
    // Proxmox answers a failed authentication without a body.
    body = status === 401 ? "" : refusalBody(error);
  }
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, reason, {
    ...(typeof body === "string" ? {} : { "content-type": "application/json;charset=UTF-8" }),
    "content-length": Buffer.byteLength(text),
    "cache-control": "max-age=0",
  });
  response.end(text);
  return status;
}
