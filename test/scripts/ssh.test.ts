import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server as TcpServer } from "node:net";
import { join } from "node:path";

import { Server } from "ssh2";

import { runOverSsh, type SshTarget } from "../../ssh";

const key = (name: string) => readFileSync(join(__dirname, "../../lab/keys", name), "utf8");

/** A server of the same protocol that answers with the command, then the stdin, and code 3. */
function startServer(): Server {
  return new Server({ hostKeys: [key("host"), key("host-ed25519")] }, (client) => {
    client
      .on("authentication", (context) => {
        if (context.method === "publickey" && context.username === "root") context.accept();
        else context.reject(["publickey"]);
      })
      .on("session", (accept) => {
        accept().on("exec", (acceptExec, _, { command }) => {
          const channel = acceptExec();
          const parts: Buffer[] = [];
          channel.on("data", (part: Buffer) => parts.push(part));
          channel.on("end", () => {
            channel.write(`${command}|${Buffer.concat(parts).toString()}`);
            channel.stderr.write("words");
            channel.exit(3);
            channel.end();
          });
        });
      })
      .on("error", () => undefined);
  });
}

describe("runOverSsh", () => {
  let server: Server;
  let silent: TcpServer;

  before((done) => {
    silent = createServer();
    server = startServer();
    server.listen(0, "127.0.0.1", () => silent.listen(0, "127.0.0.1", done));
  });

  after(() => {
    server.close();
    silent.close();
  });

  const target = (change: Partial<SshTarget> = {}): SshTarget => ({
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    hostKey: key("host-ed25519.pub"),
    privateKey: key("client"),
    ...change,
  });

  it("gives the command its stdin and returns both streams and the code", async () => {
    const stdin = "ä\n".repeat(100_000);
    const result = await runOverSsh(target(), { command: "cat", stdin, limit: 10 });
    assert.deepEqual(result, { code: 3, stdout: `cat|${stdin}`, stderr: "words" });
  });

  it("takes the pinned key of a server that has several", async () => {
    const hostKey = key("host.pub");
    const { code } = await runOverSsh(target({ hostKey }), { command: "true", limit: 10 });
    assert.equal(code, 3);
  });

  it("refuses a server with another key", async () => {
    const hostKey = key("client.pub");
    await assert.rejects(
      runOverSsh(target({ hostKey }), { command: "true", limit: 10 }),
      /Unable to reach root@127\.0\.0\.1:\d+ by SSH: .*host key is not the one that is pinned/,
    );
  });

  it("names what a node that closes the connection at once may have against this machine", async () => {
    // So does OpenSSH 10 with a source that came with refused keys before.
    const penalizing = createServer((socket) => socket.end("Not allowed at this time\r\n"));
    await new Promise<void>((resolve) => penalizing.listen(0, "127.0.0.1", resolve));
    const { port } = penalizing.address() as AddressInfo;
    await assert
      .rejects(
        runOverSsh(target({ port }), { command: "true", limit: 10 }),
        /closed the connection at once\..*PerSourcePenalties.*wait half a minute/,
      )
      .finally(() => penalizing.close());
  });

  it("says when nothing listens, when nothing answers, and when the own key cannot be read", async () => {
    await assert.rejects(
      runOverSsh(target({ port: 1 }), { command: "true", limit: 10 }),
      /by SSH: connect ECONNREFUSED/,
    );
    const { port } = silent.address() as AddressInfo;
    await assert.rejects(
      runOverSsh(target({ port }), { command: "true", limit: 0.2 }),
      /by SSH: no answer within 0\.2 s/,
    );
    await assert.rejects(
      runOverSsh(target({ privateKey: "none" }), { command: "true", limit: 10 }),
      /by SSH: Cannot parse privateKey/,
    );
  });
});
