/** Places of a file that is imported, and what becomes of the values there. */

/** Keys and indexes from the top of a file. */
export type Path = readonly string[];

/** A reason why what stands at a path is not, or not as it is, in the declaration. */
export type Remark = readonly [path: Path, reason: string];

/**
 * One place of a file. The places of a file share a record of what was done with each, so that `rest` can
 * list those that nothing was done with.
 */
export class Place {
  private constructor(
    readonly path: Path,
    readonly value: unknown,
    private readonly done: Set<string>,
    private readonly written: Remark[],
  ) {}

  /** The top of a file. */
  static of(value: unknown): Place {
    return new Place([], value, new Set(), []);
  }

  /** The place of a key or an index; its value is undefined when it is not there. */
  at(key: string): Place {
    const value = new Map(entriesOf(this.value)).get(key);
    return new Place([...this.path, key], value, this.done, this.written);
  }

  /** The places of an object's keys or a list's items. */
  places(): readonly Place[] {
    return entriesOf(this.value).map(
      ([key, value]) => new Place([...this.path, key], value, this.done, this.written),
    );
  }

  /** The last part of its path. */
  get key(): string {
    return this.path.at(-1) ?? "";
  }

  /** Notes that all that stands here is in the declaration, or asks for what is so anyway. */
  use(): void {
    this.done.add(JSON.stringify(this.path));
  }

  /** Notes why what stands here is not, or not as it is, in the declaration. */
  leave(reason: string): void {
    this.use();
    this.written.push([this.path, reason]);
  }

  /** All that `leave` was told of the whole file, in order. */
  get remarks(): readonly Remark[] {
    return this.written;
  }

  /** The places from here on that nothing was done with. One that holds only such places stands for them. */
  rest(): readonly Place[] {
    if (this.isDone || this.value === undefined || this.value === null) return [];
    const inner = this.places();
    if (inner.length === 0) return typeof this.value === "object" ? [] : [this];
    const rest = inner.flatMap((place) => place.rest());
    return rest.length > 0 && this.path.length > 0 && !this.isTouched ? [this] : rest;
  }

  private get isDone(): boolean {
    return this.done.has(JSON.stringify(this.path));
  }

  /** Whether something was done with it, or with a part of it. */
  private get isTouched(): boolean {
    return this.isDone || this.places().some((place) => place.isTouched);
  }
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
