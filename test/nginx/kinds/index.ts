/** Kinds of configurations that the tool once got wrong, each with neighbors: what must become of it, or why it is refused. */
import { ADDRESSES } from "./addresses";
import { FLAGS } from "./flags";
import { INCLUDES } from "./includes";
import type { Kind } from "./kind";
import { READING } from "./reading";
import { COMPANIONS, LOST } from "./servers";
import { STREAM } from "./stream";

export type { Kind };

/** All of them. */
export const KINDS: readonly Kind[] = [
  ...READING,
  ...LOST,
  ...COMPANIONS,
  ...STREAM,
  ...INCLUDES,
  ...ADDRESSES,
  ...FLAGS,
];
