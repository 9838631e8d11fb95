/** nginx configurations as nginx-conf reads them, a parser that shares nothing with the tool under test. */
import { parse } from "nginx-conf";

/** A directive: its name, its words with one blank between them, and what its block has, if it has one. */
export interface Directive {
  readonly name: string;
  readonly value: string;
  readonly children: readonly Directive[];
}

/** The shape of nginx-conf's nodes that counts here. */
interface Node {
  readonly name: string;
  readonly value: string;
  readonly children: readonly Node[] | null;
}

const directive = ({ name, value, children }: Node): Directive => ({
  name,
  value: value.replaceAll(/\s+/g, " "),
  children: (children ?? []).map(directive),
});

/** The directives of a text in their order; throws when the parser cannot read it. */
export function treeOf(text: string): readonly Directive[] {
  let root: Node | undefined;
  parse(text, (error, tree) => {
    if (error) throw new Error(error.message);
    root = tree;
  });
  if (root === undefined) throw new Error("nginx-conf gave no tree");
  return directive(root).children;
}
