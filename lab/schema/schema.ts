import { readFileSync } from "node:fs";

import { z } from "zod";

/** One parameter as the API schema describes it. */
export interface ParameterSchema {
  readonly type?: string | undefined;
  readonly optional?: number | undefined;
  readonly enum?: readonly string[] | null | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly requires?: string | undefined;
  readonly default_key?: number | undefined;
  /** A named format, or the keys of a comma-separated `key=value` text. */
  readonly format?: string | PropertyFormat | undefined;
}

/** The keys of a property string such as `net0`. */
export interface PropertyFormat {
  readonly [key: string]: ParameterSchema;
}

/** One method of one path. */
export interface MethodSchema {
  readonly properties: PropertyFormat;
  /** Parameters that are not listed are accepted. */
  readonly additional: boolean;
  /** Privileges that the method checks first; undefined: only root@pam may call it. */
  readonly permissions?: unknown;
}

// Proxmox VE writes some limits as text.
const number = z.coerce.number().optional();

/** What the lab reads of a parameter. Other keys, such as descriptions, are dropped. */
export const parameter: z.ZodType<ParameterSchema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    optional: number,
    enum: z.array(z.coerce.string()).nullish(),
    pattern: z.string().optional(),
    minimum: number,
    maximum: number,
    minLength: number,
    maxLength: number,
    requires: z.string().optional(),
    default_key: number,
    format: z.union([z.string(), z.record(z.string(), parameter)]).optional(),
  }),
);

/** A file of `data/`; data/README.md describes the form. */
export const schemaFile = z.strictObject({
  version: z.string(),
  privileges: z.array(z.string()),
  methods: z.record(
    z.string(),
    z.strictObject({
      permissions: z.unknown().optional(),
      additional: z.literal(true).optional(),
      parameters: z.record(z.string(), parameter),
    }),
  ),
  others: z.record(z.string(), z.string()),
});

export type SchemaFile = z.output<typeof schemaFile>;

/** The API of one release, by method and path (`GET /nodes/{node}/lxc`). */
export class ApiSchema {
  private readonly methods: ReadonlyMap<string, MethodSchema>;
  /** Methods known by name only. */
  private readonly others: ReadonlySet<string>;
  /** The exact version of Proxmox VE that the data comes from. */
  readonly version: string;
  /** Every privilege that a method of the release checks. */
  readonly privileges: readonly string[];

  private constructor({ version, privileges, methods, others }: SchemaFile) {
    this.version = version;
    this.privileges = privileges;
    this.methods = new Map(
      Object.entries(methods).map(([key, { parameters, additional, permissions }]) => [
        key,
        { properties: parameters, additional: additional === true, permissions },
      ]),
    );
    this.others = new Set(
      Object.entries(others).flatMap(([path, names]) =>
        names.split(" ").map((name) => `${name} ${path}`),
      ),
    );
  }

  /** Reads a file of `data/`; throws if it does not have that form. */
  static read(file: string): ApiSchema {
    return new ApiSchema(schemaFile.parse(JSON.parse(readFileSync(file, "utf8"))));
  }

  /** The parameters and permissions of a method, or undefined if the release does not have it. */
  find(method: string, path: string): MethodSchema | undefined {
    const key = `${method} ${path}`;
    if (this.others.has(key)) {
      throw new Error(
        `The API schema of ${this.version} has only the name of ${key}. Cut it again with this method: see lab/schema/data/README.md.`,
      );
    }
    return this.methods.get(key);
  }

  /** True if the release has the method. */
  has(key: string): boolean {
    return this.methods.has(key) || this.others.has(key);
  }

  /** Every method of the release. */
  keys(): readonly string[] {
    return [...this.methods.keys(), ...this.others];
  }
}
