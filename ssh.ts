/** One command on the node by SSH, for what the program itself and its commands have to ask there. */
import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";

/** Where to, and as whom: root, by key. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  /** The server's public key in authorized_keys form; any other key ends the connection. */
  readonly hostKey: string;
  /** Key of root in OpenSSH form. It stays in memory. */
  readonly privateKey: string;
}

/** What to run there. */
export interface SshCall {
  /** For the login shell of root; no secret may stand in it. */
  readonly command: string;
  readonly stdin?: string;
  /** When to give up on the whole call, in seconds. */
  readonly limit: number;
}

/** How the command ended. A command that a signal ended has no code; it counts as 255, as ssh(1) does. */
export interface SshResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long a node may take to let us in, in seconds. */
const handshake = 15;

/** Runs one command; fails only when the node cannot be asked, never because of the command's own code. */
export function runOverSsh(target: SshTarget, call: SshCall): Promise<SshResult> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const fail = (cause: string) => {
      clearTimeout(timer);
      client.destroy();
      reject(new Error(`Unable to reach root@${target.host}:${target.port} by SSH: ${cause}`));
    };
    const timer = setTimeout(() => {
      fail(`no answer within ${call.limit} s`);
    }, call.limit * 1000);
    client
      .on("error", ({ message }) => {
        fail(explained(message));
      })
      .on("close", () => {
        fail("the connection was closed");
      })
      .on("ready", () => {
        client.exec(call.command, (error, channel) => {
          if (error !== undefined) {
            fail(error.message);
            return;
          }
          collect(channel, call.stdin ?? "", (result) => {
            clearTimeout(timer);
            resolve(result);
            client.end();
          });
        });
      });
    try {
      client.connect(connectionOf(target, call.limit));
    } catch (error) {
      // A key that cannot be read is told by a throw.
      fail(error instanceof Error ? error.message : String(error));
    }
  });
}

/** The client's message, and what it usually means where it does not say so itself. */
function explained(message: string): string {
  if (message.startsWith("Host denied"))
    return `${message}; its host key is not the one that is pinned`;
  if (/before handshake|ECONNRESET/.test(message))
    return `${message}; the node closed the connection at once. OpenSSH does so for a while after it refused several keys (PerSourcePenalties in sshd_config(5)) or with too many connections (MaxStartups). Check the key, wait half a minute, then run this again`;
  return message;
}

/** Only the pinned key's own algorithm is offered, or a server with several keys may show another one. */
function connectionOf(target: SshTarget, limit: number): ConnectConfig {
  const [type = "", key = ""] = target.hostKey.trim().split(/\s+/);
  return {
    host: target.host,
    port: target.port,
    username: "root",
    privateKey: target.privateKey,
    readyTimeout: Math.min(limit, handshake) * 1000,
    algorithms: { serverHostKey: algorithmsOf(type) },
    hostVerifier: (shown: Buffer) => shown.equals(Buffer.from(key, "base64")),
  };
}

/** The algorithms of the types of key that a declaration may pin (model/schema/host-key.ts). */
function algorithmsOf(type: string): ServerHostKeyAlgorithm[] {
  switch (type) {
    case "ssh-ed25519":
    case "ecdsa-sha2-nistp256":
    case "ecdsa-sha2-nistp384":
    case "ecdsa-sha2-nistp521":
      return [type];
    default:
      throw new Error(`The host key's type "${type}" is not one that this program knows.`);
  }
}

function collect(channel: ClientChannel, stdin: string, done: (result: SshResult) => void): void {
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  channel.on("data", (part: Buffer) => out.push(part));
  channel.stderr.on("data", (part: Buffer) => errors.push(part));
  let code = 255;
  channel.on("exit", (exit: number | null) => {
    code = exit ?? 255;
  });
  channel.on("close", () => {
    done({
      code,
      stdout: Buffer.concat(out).toString("utf8"),
      stderr: Buffer.concat(errors).toString("utf8"),
    });
  });
  channel.end(stdin);
}
