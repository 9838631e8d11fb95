import type { ObjectType, Schema, Type } from "./schema";
import type { Properties, Typings } from "./typings";

type Side = "input" | "output";

/** What differs between a plugin's schema and the npm package that drives it: one line each. */
export function differences(schema: Schema, typings: Typings): string[] {
  return new Comparison(schema, typings).run();
}

class Comparison {
  private readonly problems: string[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly schema: Schema,
    private readonly typings: Typings,
  ) {}

  run(): string[] {
    const { provider, resources, functions } = this.schema;
    this.inputs("provider", "provider.d.ts", "Provider", {
      properties: provider.inputProperties,
      required: provider.requiredInputs,
    });
    for (const [token, resource] of Object.entries(resources)) {
      const [file, name] = [this.fileOf(token), lastWord(token)];
      if (file === undefined) continue;
      this.inputs(token, file, name, {
        properties: resource.inputProperties,
        required: resource.requiredInputs,
      });
      this.same(
        `${token} outputs`,
        Object.keys(resource.properties),
        this.typings.outputsOf(file, name),
      );
      this.nested(token, resource.properties, "output");
    }
    for (const [token, { inputs, outputs }] of Object.entries(functions)) {
      if (token.startsWith("pulumi:providers:")) continue; // a method of the provider, unused here
      const [file, name] = [this.fileOf(token), capital(lastWord(token))];
      if (file === undefined) continue;
      this.inputs(token, file, name, inputs ?? { properties: {}, required: [] });
      const result = this.typings.interfaceOf(file, [], `${name}Result`);
      this.same(`${token} result`, Object.keys(outputs?.properties ?? {}), result);
      this.nested(token, outputs?.properties ?? {}, "output");
    }
    return this.problems;
  }

  private fileOf(token: string): string | undefined {
    const file = this.typings.fileOf(token);
    if (file === undefined) this.problems.push(`${token}: the npm package has no such token`);
    return file;
  }

  private inputs(
    token: string,
    file: string,
    name: string,
    object: Pick<ObjectType, "properties" | "required">,
  ): void {
    // A function without inputs has no interface for them.
    const args = this.typings.interfaceOf(file, [], `${name}Args`) ?? [];
    this.same(`${token} inputs`, withMarks(object), args, true);
    this.nested(token, object.properties, "input");
  }

  /** Follows the references to object types; each is compared once per side. */
  private nested(owner: string, properties: Readonly<Record<string, Type>>, side: Side): void {
    for (const property of Object.values(properties)) {
      const reference = referenceOf(property);
      if (reference === undefined || this.seen.has(`${side} ${reference}`)) continue;
      this.seen.add(`${side} ${reference}`);
      const object = this.schema.types[reference];
      if (object === undefined) {
        this.problems.push(`${owner}: its type ${reference} is not in the schema`);
      } else if (object.enum === undefined) {
        this.same(
          `${reference} (${side})`,
          Object.keys(object.properties),
          this.typeOf(reference, side),
        );
        this.nested(owner, object.properties, side);
      }
    }
  }

  private typeOf(reference: string, side: Side): Properties | undefined {
    const path = (reference.split(":")[1] ?? "").split("/");
    const namespaces = path.slice(0, reference.includes("/") ? -1 : undefined);
    const inNpm = namespaces.filter((word) => word !== "index");
    const name = capital(lastWord(reference));
    const find = (suffix: string) =>
      this.typings.interfaceOf(`types/${side}.d.ts`, inNpm, name + suffix);
    return find(side === "input" ? "Args" : "") ?? find("");
  }

  private same(
    what: string,
    inPlugin: Properties,
    inNpm: Properties | undefined,
    marks = false,
  ): void {
    const plain = (names: Properties) =>
      marks ? names : names.map((name) => name.replace("?", ""));
    const [plugin, npm] = [plain(inPlugin), plain(inNpm ?? [])];
    if (inNpm === undefined) this.problems.push(`${what}: the npm package has no such type`);
    for (const name of plugin.filter((n) => !npm.includes(n)))
      this.problems.push(`${what}: ${name} is in the plugin but not in the npm package`);
    for (const name of npm.filter((n) => !plugin.includes(n)))
      this.problems.push(`${what}: ${name} is in the npm package but not in the plugin`);
  }
}

/** The properties' names, those that are not required with a "?". */
function withMarks(object: Pick<ObjectType, "properties" | "required"> | undefined): Properties {
  const required = new Set(object?.required);
  return Object.keys(object?.properties ?? {}).map((name) =>
    required.has(name) ? name : `${name}?`,
  );
}

function referenceOf(type: Type | undefined): string | undefined {
  if (type === undefined) return undefined;
  const inside = referenceOf(type.items) ?? referenceOf(type.additionalProperties);
  // What begins with "#" only is this package's own; "pulumi.json#/Asset" is Pulumi's.
  return type.$ref?.startsWith("#/types/") === true ? type.$ref.slice("#/types/".length) : inside;
}

const lastWord = (token: string): string => token.split(":").at(-1) ?? token;
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
