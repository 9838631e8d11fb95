/** `npx tsx lab/memory.ts [--port N]`: the memory lab alone, for quick previews. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { MemoryBackend } from "./memory-backend";
import { createLab } from "./server";

/** A key and certificate for this run only. */
function throwawayTls(): { key: string; cert: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "lab-tls-"));
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  try {
    const subject = ["-subj", "/CN=pve1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", ...kind, ...subject, ...files], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "18006" }, version: { type: "string" } },
  });
  const lab = createLab({
    backend: new MemoryBackend(),
    tls: throwawayTls(),
    ...(values.version === undefined ? {} : { version: values.version }),
    log: (line) => {
      console.error(line);
    },
  });
  const port = await lab.listenTls(Number(values.port));
  console.log(`https://127.0.0.1:${port}`);
  const stop = (): void => {
    void lab.close().then(() => process.exit(0));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

void main();
