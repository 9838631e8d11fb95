/** `npx tsx lab/schema/cut.ts VERSION FILE`: writes data/pve-RELEASE.json; data/README.md explains both. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { z } from "zod";

import { ROUTES } from "../server/routes";
import { schemaPath } from "./load";
import { parameter, type SchemaFile } from "./schema";

/** Methods beyond the lab's routes: what the commands of docs/install.md call (test/docs/commands.test.ts). */
const DOCUMENTED = [
  "POST /access/users",
  "POST /access/users/{userid}/token/{tokenid}",
  "POST /access/roles",
  "PUT /access/acl",
  "POST /nodes/{node}/aplinfo",
] as const;

const method = z.object({
  permissions: z.unknown().optional(),
  parameters: z
    .object({
      additionalProperties: z.unknown().optional(),
      properties: z.record(z.string(), parameter).optional(),
    })
    .optional(),
});
type Method = z.output<typeof method>;

interface Node {
  readonly path: string;
  readonly info?: Readonly<Record<string, Method>> | undefined;
  readonly children?: readonly Node[] | undefined;
}
const node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    path: z.string(),
    info: z.record(z.string(), method).optional(),
    children: z.array(node).optional(),
  }),
);

const flat = z.object({
  methods: z.array(method.extend({ path: z.string(), method: z.string() })),
});

type Methods = ReadonlyMap<string, Method>;

const ofTree = (nodes: readonly Node[]): readonly (readonly [string, Method])[] =>
  nodes.flatMap(({ path: route, info = {}, children = [] }) => [
    ...Object.entries(info).map(([name, described]) => [`${name} ${route}`, described] as const),
    ...ofTree(children),
  ]);

/**
 * The methods of a full schema file: the API viewer's `apidoc.js`, whose array `apiSchema` ends with a line
 * `;` or `];`, or JSON with `{ methods: [{ path, method, parameters, permissions }] }`.
 */
export function methodsOf(text: string): Methods {
  const tree = /^(?:const|var) apiSchema = (\[[^]*?^\])\s*;/m.exec(text)?.[1];
  if (tree !== undefined) return new Map(ofTree(z.array(node).parse(JSON.parse(tree))));
  const { methods } = flat.parse(JSON.parse(text));
  return new Map(methods.map((entry) => [`${entry.method} ${entry.path}`, entry] as const));
}

const byName = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Object with sorted keys. */
const sorted = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => byName(a, b)));

/** Every privilege that the permissions name. */
function privilegesOf(methods: Methods): readonly string[] {
  const permissions = JSON.stringify([...methods.values()].map((entry) => entry.permissions));
  const names = permissions.match(/(?<=")[A-Z][A-Za-z]+(?:\.[A-Za-z]+)+(?=")/g) ?? [];
  return [...new Set(names)].sort(byName);
}

/** The part of a full schema that the lab keeps. */
export function cut(version: string, methods: Methods): SchemaFile {
  const wanted = new Set<string>([
    ...ROUTES.map((route) => `${route.method} ${route.path}`),
    ...DOCUMENTED,
  ]);
  const kept = [...methods].filter(([key]) => wanted.has(key));
  const others = new Map<string, string[]>();
  for (const key of [...methods.keys()].filter((name) => !wanted.has(name)).sort(byName)) {
    const [name = "", route = ""] = key.split(" ");
    others.set(route, [...(others.get(route) ?? []), name]);
  }
  return {
    version,
    privileges: [...privilegesOf(methods)],
    methods: sorted(
      kept.map(([key, { permissions, parameters = {} }]) => [
        key,
        {
          ...(permissions === undefined ? {} : { permissions }),
          ...(parameters.additionalProperties === 1 ? { additional: true as const } : {}),
          parameters: sorted(Object.entries(parameters.properties ?? {})),
        },
      ]),
    ),
    others: sorted([...others].map(([route, names]) => [route, names.join(" ")] as const)),
  };
}

/** One line for each entry. */
const lines = (entries: Readonly<Record<string, unknown>>): string =>
  Object.entries(entries)
    .map(([key, value]) => `\n${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(",");

/** The text of a file of `data/`, with a line for each parameter so that two releases can be compared. */
export function schemaText({ version, privileges, methods, others }: SchemaFile): string {
  const entries = Object.entries(methods).map(([key, { parameters, ...rest }]) => {
    const head = JSON.stringify(rest).slice(0, -1);
    return `\n${JSON.stringify(key)}: ${head}${head === "{" ? "" : ","}"parameters": {${lines(parameters)}}}`;
  });
  return `{"version": ${JSON.stringify(version)},
"privileges": [${privileges.map((name) => `\n${JSON.stringify(name)}`).join(",")}],
"methods": {${entries.join(",")}},
"others": {${lines(others)}}}
`;
}

if (require.main === module) {
  const [version = "", source = ""] = process.argv.slice(2);
  const release = /^(\d+\.\d+)\.\d+$/.exec(version)?.[1];
  if (release === undefined || source === "") {
    console.error("usage: npx tsx lab/schema/cut.ts VERSION FILE, such as 9.2.3 apidoc.js");
    process.exit(2);
  }
  const file = schemaPath(release);
  writeFileSync(file, schemaText(cut(version, methodsOf(readFileSync(source, "utf8")))));
  console.log(`wrote ${path.relative(process.cwd(), file)}`);
}
