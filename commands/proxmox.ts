/** The few questions that the commands ask the Proxmox API themselves. */
import { request } from "node:https";

/** Where the API is and who asks. */
export interface Api {
  readonly endpoint: string;
  readonly token: string;
  /** Take a certificate that nobody signed, as the provider's own setting of that name. */
  readonly insecure: boolean;
}

/** The `data` of a GET; undefined when the thing does not exist. */
export function get(api: Api, path: string): Promise<unknown> {
  const url = new URL(`/api2/json${path}`, api.endpoint);
  const options = {
    headers: { Authorization: `PVEAPIToken=${api.token}` },
    rejectUnauthorized: !api.insecure,
    timeout: 15_000,
  };
  return new Promise((resolve, reject) => {
    const call = request(url, options, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        const status = answer.statusCode ?? 0;
        const why = `${path}: ${status} ${answer.statusMessage ?? ""}`;
        if (status === 404) resolve(undefined);
        else if (status >= 300) reject(new Error(`Unable to ask Proxmox for ${why}`));
        else if (!isJson(answer.headers["content-type"]))
          reject(
            new Error(
              `${api.endpoint} is not the API of a Proxmox node, such as https://NODE:8006`,
            ),
          );
        else resolve(dataOf(Buffer.concat(parts).toString("utf8")));
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 15 s")));
    call.on("error", ({ message }) => {
      reject(new Error(`Unable to reach ${api.endpoint}: ${message}`));
    });
    call.end();
  });
}

function isJson(type: string | undefined): boolean {
  return /^application\/json\b/.test(type ?? "");
}

function dataOf(body: string): unknown {
  const answer: unknown = JSON.parse(body);
  return typeof answer === "object" && answer !== null && "data" in answer
    ? answer.data
    : undefined;
}
