import http from "node:http";
import https from "node:https";

/** An answer of the lab, as a client sees it. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** `data` of the envelope; undefined when there is no JSON body. */
  readonly data: unknown;
  /** `errors` of the envelope, empty when absent. */
  readonly errors: Readonly<Record<string, string>>;
  readonly envelope: Readonly<Record<string, unknown>>;
}

/** Names and values of a call; a list repeats its key. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** The header of a token that has every privilege, but is not the user root@pam. */
export const FULL_TOKEN = "PVEAPIToken=root@pam!lab=5d1c8a9e-3b47-4f0e-9c55-2f6a7e1d0b34";

/** The header of the token that the program uses: it has the role of docs/install.md and no more. */
export const PROGRAM_TOKEN = "PVEAPIToken=pulumi@pve!lab=0b9bf2b6-6f2c-4a62-8a5b-3c7d2f5f7a10";

function encode(fields: Fields): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const text of typeof value === "string" ? [value] : value) form.append(name, text);
  }
  return form.toString();
}

/** A plain object, or an empty one for anything else. */
export const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** A list, or an empty one for anything else. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function toAnswer(message: http.IncomingMessage, text: string): Answer {
  const isJson = text.startsWith("{");
  const envelope = isJson ? record(JSON.parse(text)) : {};
  const errors = Object.fromEntries(
    Object.entries(record(envelope["errors"])).map(([key, value]) => [key, String(value)] as const),
  );
  return {
    status: message.statusCode ?? 0,
    reason: message.statusMessage ?? "",
    headers: message.headers,
    text,
    data: envelope["data"],
    errors,
    envelope,
  };
}

/** One request with the raw path and body given. */
export function send(options: https.RequestOptions, body: string | undefined): Promise<Answer> {
  const { request } = options.socketPath === undefined ? https : http;
  return new Promise((resolve, reject) => {
    const message = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve(toAnswer(response, Buffer.concat(chunks).toString("utf8")));
      });
    });
    message.on("error", reject);
    message.end(body);
  });
}

/** A client over HTTPS of a lab on a loopback port, or of an endpoint such as `https://pve.example:8006`; by default with the lab's token that may everything. */
export class Client {
  private readonly endpoint: URL;

  constructor(
    where: number | string,
    private readonly headers: Readonly<Record<string, string>> = { authorization: FULL_TOKEN },
  ) {
    this.endpoint = new URL(typeof where === "number" ? `https://127.0.0.1:${where}` : where);
  }

  /** Parameters go to the query for GET and DELETE, to a form for POST and PUT, as the provider sends them. */
  call(method: string, path: string, fields: Fields = {}): Promise<Answer> {
    const encoded = encode(fields);
    const inQuery = method === "GET" || method === "DELETE";
    if (inQuery || encoded === "") {
      return this.raw(method, encoded === "" ? path : `${path}?${encoded}`);
    }
    return this.raw(method, path, { type: "application/x-www-form-urlencoded", text: encoded });
  }

  /** One request with exactly this body, if any. */
  raw(
    method: string,
    path: string,
    body?: { readonly type: string; readonly text: string },
  ): Promise<Answer> {
    const type = body === undefined ? {} : { "content-type": body.type };
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body.text) };
    return send(
      {
        host: this.endpoint.hostname,
        port: this.endpoint.port,
        method,
        path: `/api2/json${path}`,
        headers: { ...this.headers, ...type, ...length },
        rejectUnauthorized: false,
        minVersion: "TLSv1.3",
        agent: false,
      },
      body?.text,
    );
  }

  /** Polls a task as the provider does and returns its exit status. */
  async task(upid: unknown): Promise<string> {
    const id = encodeURIComponent(String(upid));
    const node = String(upid).split(":")[1] ?? "";
    for (let tries = 0; tries < 1200; tries++) {
      const answer = await this.call("GET", `/nodes/${node}/tasks/${id}/status`);
      if (answer.status !== 200) throw new Error(`task status: ${answer.reason}`);
      const { status, exitstatus } = record(answer.data);
      if (status !== "running") return String(exitstatus);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`task ${String(upid)} did not end within 30 s`);
  }

  /** A call that starts a task, and the task's exit status. */
  async run(method: string, path: string, fields: Fields = {}): Promise<string> {
    const answer = await this.call(method, path, fields);
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: ${answer.status} ${answer.reason}`);
    return this.task(answer.data);
  }
}
