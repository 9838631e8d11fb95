import { readFileSync } from "node:fs";

import { z } from "zod";

/** One parameter as the official schema describes it; numbers in limits may be texts there. */
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

/** Parameters of one method; `additional` says that others are let through. */
export interface MethodSchema {
  readonly properties: PropertyFormat;
  readonly additional: boolean;
}

const number = z.coerce.number().optional();

const parameter: z.ZodType<ParameterSchema> = z.lazy(() =>
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

const schemaFile = z.object({
  version: z.string(),
  methods: z.array(
    z.object({
      path: z.string(),
      method: z.string(),
      parameters: z
        .object({
          additionalProperties: z.unknown().optional(),
          properties: z.record(z.string(), parameter).optional(),
        })
        .optional(),
    }),
  ),
});

/** The official description of the API, by method and path (`GET /nodes/{node}/lxc`). */
export class ApiSchema {
  private readonly methods = new Map<string, MethodSchema>();

  private constructor(readonly version: string) {}

  /** Reads a schema file of the form of pve-api/*.json; throws when it does not have that form. */
  static read(file: string): ApiSchema {
    const parsed = schemaFile.parse(JSON.parse(readFileSync(file, "utf8")));
    const schema = new ApiSchema(parsed.version);
    for (const { method, path, parameters } of parsed.methods) {
      schema.methods.set(`${method} ${path}`, {
        properties: parameters?.properties ?? {},
        additional: parameters?.additionalProperties === 1,
      });
    }
    return schema;
  }

  find(method: string, path: string): MethodSchema | undefined {
    return this.methods.get(`${method} ${path}`);
  }

  keys(): readonly string[] {
    return [...this.methods.keys()];
  }
}
