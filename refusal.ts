/** How a run ends when the program itself says no. */
import { inspect } from "node:util";

import * as pulumi from "@pulumi/pulumi";

/**
 * A refusal, shown as its message alone. The engine inspects every error that leaves an async program
 * and so walks its whole runtime, 15 s of it measured; this answers that question itself.
 */
export class Refusal extends pulumi.RunError {
  /** What `util.inspect` shows. */
  [inspect.custom](): string {
    return this.message;
  }
}
