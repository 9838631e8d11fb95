/** `npx tsx lab/coverage.ts`: writes docs/lab-coverage.md, which methods of the API the lab answers. */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { format, resolveConfig } from "prettier";

import { ROUTES } from "./server/routes";
import { schemaPath } from "./schema/load";
import { ApiSchema } from "./schema/schema";

/** Where the table is. */
export const COVERAGE_FILE = path.join(__dirname, "../docs/lab-coverage.md");

/** Versions whose methods are listed, newest first. */
export const COVERED_RELEASES = ["9.1", "8.4"] as const;

const byPath = (a: string, b: string): number => {
  const [methodA = "", pathA = ""] = a.split(" ");
  const [methodB = "", pathB = ""] = b.split(" ");
  if (pathA !== pathB) return pathA < pathB ? -1 : 1;
  return methodA < methodB ? -1 : 1;
};

/** The whole document; throws when the official schemas are not beside the checkout. */
export async function coverageText(): Promise<string> {
  const schemas = COVERED_RELEASES.map((release) => ApiSchema.read(schemaPath(release)));
  const known = new Set(schemas.flatMap((schema) => schema.keys()));
  const answered = new Set(ROUTES.map((route) => `${route.method} ${route.path}`));
  const rows = [...known].sort(byPath).map((key) => {
    const [method = "", route = ""] = key.split(" ");
    const cells = schemas.map((schema) => {
      if (schema.find(method, route) === undefined) return "-";
      return answered.has(key) ? "implemented" : "501";
    });
    return `| ${method} | \`${route}\` | ${cells.join(" | ")} |`;
  });
  const text = `# What of the Proxmox VE API the lab answers

Made by \`npx tsx lab/coverage.ts\` from the official schemas and \`lab/server/routes.ts\`; do not edit it.
${answered.size} methods are implemented. Everything else is answered with HTTP 501, never with 200, and logged.
A dash means that this version of Proxmox VE does not have the method; the lab, told to be that version, answers 501.

| method | path | ${schemas.map(({ version }) => version).join(" | ")} |
| --- | --- | ${schemas.map(() => "---").join(" | ")} |
${rows.join("\n")}
`;
  return format(text, { ...(await resolveConfig(COVERAGE_FILE)), parser: "markdown" });
}

if (require.main === module) {
  void coverageText().then((text) => {
    writeFileSync(COVERAGE_FILE, text);
    console.log(`wrote ${path.relative(process.cwd(), COVERAGE_FILE)}`);
  });
}
