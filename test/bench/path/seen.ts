/** What all runs saw, by figure and by who served it. */
import { ratio, spread, type Spread } from "../support/figures";
import type { Run } from "./contests";
import type { Sample } from "./tools";

/** Samples in the order of the rounds. */
export class Seen {
  private readonly samples = new Map<string, Sample[]>();

  add({ figure, by }: Pick<Run, "figure" | "by">, sample: Sample): void {
    const key = `${figure}\n${by}`;
    this.samples.set(key, [...(this.samples.get(key) ?? []), sample]);
  }

  of(figure: string, by: string): readonly Sample[] {
    const samples = this.samples.get(`${figure}\n${by}`);
    if (samples === undefined) throw new Error(`${figure} was not measured ${by}`);
    return samples;
  }

  values(figure: string, by: string, key: keyof Sample): readonly number[] {
    return this.of(figure, by).map((sample) => sample[key]);
  }

  spread(figure: string, by: string, key: keyof Sample): Spread {
    return spread(this.values(figure, by, key));
  }

  /** Times of the other's: over 1, the first is slower; with less work done in a second, or a later answer. */
  times(figure: string, by: string, other: string, key: "rate" | "p50" = "rate"): Spread {
    const [own, reference] = [this.values(figure, by, key), this.values(figure, other, key)];
    return key === "rate" ? ratio(reference, own) : ratio(own, reference);
  }

  /** Where something was lost or refused, with how often. */
  errors(): readonly string[] {
    return [...this.samples]
      .map(([key, samples]) => ({
        where: key.replace("\n", ", "),
        count: samples.reduce((sum, { errors }) => sum + errors, 0),
      }))
      .filter(({ count }) => count > 0)
      .map(({ where, count }) => `${where}: ${count}`);
  }
}
