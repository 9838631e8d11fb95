import { ParameterError } from "./parameter-error";

const TRUE = /^(1|on|yes|true)$/i;
const FALSE = /^(0|off|no|false)$/i;

/** The boolean that Proxmox reads from a text, or undefined when it is none. */
export const parseBoolean = (text: string): boolean | undefined =>
  TRUE.test(text) ? true : FALSE.test(text) ? false : undefined;

/** Parameters of one request, those of the path included; every value is one text, as on the wire. */
export class Params {
  constructor(private readonly values: ReadonlyMap<string, string>) {}

  static of(values: Readonly<Record<string, string>>): Params {
    return new Params(new Map(Object.entries(values)));
  }

  /** The value, or undefined when the parameter is absent. */
  text(name: string): string | undefined {
    return this.values.get(name);
  }

  /** The value, or undefined when the parameter is absent or empty, which counts as unset. */
  filled(name: string): string | undefined {
    const value = this.values.get(name);
    return value === "" ? undefined : value;
  }

  /** The value; an absent or empty one is a 400 in Proxmox's words. */
  required(name: string): string {
    const value = this.values.get(name);
    if (value === undefined || value === "") {
      throw new ParameterError({ [name]: "property is missing and it is not optional" });
    }
    return value;
  }

  /** The value as an integer; absent or empty is undefined, anything else a 400. */
  integer(name: string): number | undefined {
    const value = this.values.get(name);
    if (value === undefined || value === "") return undefined;
    if (!/^[+-]?\d+$/.test(value)) {
      throw new ParameterError({ [name]: `type check ('integer') failed - got '${value}'` });
    }
    return Number(value);
  }

  /** The value as a boolean; absent or empty is false, anything else a 400. */
  flag(name: string): boolean {
    const value = this.values.get(name);
    if (value === undefined || value === "") return false;
    const flag = parseBoolean(value);
    if (flag === undefined) {
      throw new ParameterError({ [name]: `type check ('boolean') failed - got '${value}'` });
    }
    return flag;
  }

  /** The entries of a list parameter: separated by commas, semicolons or blanks, as Proxmox splits. */
  list(name: string): readonly string[] {
    return splitList(this.values.get(name) ?? "");
  }

  entries(): readonly (readonly [string, string])[] {
    return [...this.values.entries()];
  }
}

/** Splits as Proxmox splits its `-list` formats. */
export const splitList = (text: string): readonly string[] =>
  text.split(/[,;\s\0]+/).filter((entry) => entry !== "");
