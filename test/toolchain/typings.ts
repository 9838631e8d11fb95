import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";

/** The properties of an interface or class: names, those that may be left out with a "?" behind. */
export type Properties = readonly string[];

/** What an npm package of Pulumi declares: its tokens, and the properties of its types. */
export class Typings {
  private readonly files = new Map<string, string>();
  private readonly parsed = new Map<string, ts.SourceFile>();

  /** Reads the package's generated code; throws when the folder is missing (run `npm ci`). */
  constructor(private readonly folder: string) {
    for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!entry.endsWith(".js")) continue;
      const text = readFileSync(join(folder, entry), "utf8");
      const tokens = text.matchAll(/(?:__pulumiType = |runtime\.invoke\()['"]([^'"]+)['"]/g);
      for (const [, token] of tokens) {
        if (token !== undefined) this.files.set(token, entry.replace(/\.js$/, ".d.ts"));
      }
    }
  }

  /** The declaration file of a resource's or function's token, or undefined without one. */
  fileOf(token: string): string | undefined {
    return this.files.get(token);
  }

  /** An interface's properties, namespaces outermost first, or undefined without the interface. */
  interfaceOf(file: string, namespaces: readonly string[], name: string): Properties | undefined {
    const found = inNamespaces(this.parse(file).statements, namespaces).find(
      (node) => ts.isInterfaceDeclaration(node) && node.name.text === name,
    );
    if (found === undefined || !ts.isInterfaceDeclaration(found)) return undefined;
    return found.members.filter(ts.isPropertySignature).map(nameOf).sort();
  }

  /** The outputs of a resource class, or undefined without the class. */
  outputsOf(file: string, name: string): Properties | undefined {
    const found = this.parse(file).statements.find(
      (node) => ts.isClassDeclaration(node) && node.name?.text === name,
    );
    if (found === undefined || !ts.isClassDeclaration(found)) return undefined;
    return found.members.filter(ts.isPropertyDeclaration).map(nameOf).sort();
  }

  private parse(file: string): ts.SourceFile {
    const known = this.parsed.get(file);
    if (known !== undefined) return known;
    const text = readFileSync(join(this.folder, file), "utf8");
    const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
    this.parsed.set(file, parsed);
    return parsed;
  }
}

function nameOf(member: ts.PropertySignature | ts.PropertyDeclaration): string {
  if (!ts.isIdentifier(member.name) && !ts.isStringLiteral(member.name)) {
    throw new Error(`a property without a plain name at ${member.pos}: the test must learn it`);
  }
  return member.name.text + (member.questionToken === undefined ? "" : "?");
}

function inNamespaces(
  statements: readonly ts.Statement[],
  [outer, ...inner]: readonly string[],
): readonly ts.Statement[] {
  if (outer === undefined) return statements;
  const bodies = statements.flatMap((node) =>
    ts.isModuleDeclaration(node) && node.name.text === outer && node.body !== undefined
      ? [node.body]
      : [],
  );
  return bodies.flatMap((body) =>
    ts.isModuleBlock(body) ? inNamespaces(body.statements, inner) : [],
  );
}
