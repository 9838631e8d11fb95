import { MemoryBackend } from "../../lab/backend/memory-backend";
import { backendContract } from "./backend-contract";

backendContract("memory", {
  make: () => Promise.resolve({ backend: new MemoryBackend(), close: () => Promise.resolve() }),
  timeoutMs: 2000,
});
