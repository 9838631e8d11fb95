/** `npx tsx lab/memory.ts [--port N]`: the memory lab alone, for quick previews. */
import { parseArgs } from "node:util";

import { MemoryBackend } from "./backend/memory-backend";
import { createLab } from "./server/server";
import { throwawayTls } from "./server/tls";

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

main().catch((error: unknown) => {
  console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
