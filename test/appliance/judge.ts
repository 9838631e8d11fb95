/** The status that the appliance's probe would write, from what it would have observed. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { applianceAssets } from "../../components/assets";
import { statusSchema, type Status } from "../../model/status";
import { applianceFiles } from "../../render/appliance";
import { site, small } from "../support/sites";

const judge = join(__dirname, "..", "..", "appliance/usr/local/lib/proximity/status.jq");
export const now = Date.parse("2026-01-05T10:00:00Z");

/** The file that declares the site, as the appliance gets it. */
export function declared(value: unknown = small): string {
  const files = applianceFiles(site(value), applianceAssets());
  return files.find(({ path }) => path === "/etc/proximity/site.json")?.content ?? assert.fail();
}

interface Declared {
  readonly applications: readonly { readonly name: string; readonly mac: string }[];
  readonly files: readonly {
    readonly path: string;
    readonly mode: string;
    readonly sha256: string;
  }[];
}

/** What the probe would have seen where all is well, by the name of each question. */
export function allWell(text: string): Record<string, string> {
  const { applications, files } = JSON.parse(text) as Declared;
  const rules = "table inet proximity {\npolicy drop\npolicy drop\nmasquerade\n}\n";
  const end = now / 1000 + 3600;
  return {
    facts: [
      `now=${now / 1000}`,
      "declared=yes",
      "wan_ip=192.168.1.150",
      "lan_ip=10.20.0.1",
      "lan_state=up",
      "ip_forward=1",
      "dnsmasq_pid=12",
      "caddy_pid=13",
      "dhcp_listens=yes",
      "console_listens=yes",
      "dhcp_dropped=0",
      "disk_total=8000000",
      "disk_free=7000000",
      "memory_total=512000",
      "memory_free=400000",
      "",
    ].join("\n"),
    dns: "10.20.0.1\n",
    proxy: "200\n",
    console: "200\n",
    upstream: "192.168.1.1 yes\n",
    apps: applications.map((_, index) => `${index} 200 0.012 \n`).join(""),
    files: files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join(""),
    modes: files.map(({ mode, path }) => `${mode.replace(/^0/, "")} ${path}\n`).join(""),
    private: "intact\t/etc/caddy/users\n",
    rules,
    expected: rules,
    leases: applications
      .map(({ name, mac }, at) => `${end} ${mac.toLowerCase()} 10.20.0.${101 + at} ${name} *\n`)
      .join(""),
  };
}

/** The status that the judge makes of observations, checked against its schema. */
export function judged(
  change: Readonly<Record<string, string>> = {},
  value: unknown = small,
): Status {
  const folder = mkdtempSync(join(tmpdir(), "proximity-judge-"));
  const text = declared(value);
  const seen = { ...allWell(text), ...change };
  writeFileSync(join(folder, "site"), text);
  const flags = Object.entries(seen).flatMap(([name, content]) => {
    writeFileSync(join(folder, name), content);
    return ["--rawfile", name, join(folder, name)];
  });
  try {
    const words = ["-n", "-f", judge, "--slurpfile", "site", join(folder, "site"), ...flags];
    return statusSchema.parse(JSON.parse(execFileSync("jq", words, { encoding: "utf8" })));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const facts = (name: string, value: string) =>
  allWell(declared())["facts"]?.replace(new RegExp(`^${name}=.*$`, "m"), `${name}=${value}`) ?? "";
