import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the toolchain that is there, and how it came: path, official or built. */
export interface Toolchain {
  readonly folder: string;
  readonly kind: string;
}

/** The toolchain that toolchain/get.sh has made available, or undefined; gets nothing itself. */
export function installedToolchain(): Toolchain | undefined {
  const script = join(__dirname, "../../toolchain/get.sh");
  const { status, stdout, stderr, error } = spawnSync(script, ["--where"], { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status === 1 && stderr === "") return undefined;
  if (status !== 0)
    throw new Error(`toolchain/get.sh --where failed (${status ?? "signal"}): ${stderr}`);
  const folder = stdout.trim();
  return { folder, kind: readFileSync(join(folder, "kind"), "utf8").trim() };
}
