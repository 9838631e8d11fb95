/** What a node's firewall daemon does: read the files again and again, and load what they come to. */
import type { Backend } from "../backend/backend";
import { compile, digestOf, NO_RULES } from "./compile";
import type { Compiled, FileProblem, NodeFiles, Ruleset } from "./compile";
import { readNodeFiles } from "./node-files";

/** What the daemon needs of the world. */
export interface FirewallWorld {
  readonly backend: Pick<Backend, "nodes" | "readFile" | "listFiles">;
  /** Puts a ruleset into a node's kernel, whole or not at all, and notes its digest in LOADED there. */
  readonly load: (node: string, ruleset: Ruleset, digest: string) => Promise<void>;
  /** A line for the node's log. */
  readonly log: (node: string, line: string) => void;
}

/** Digest of what is loaded in a node's kernel; like that, it does not outlive the node's power. */
export const LOADED = "/run/pve-firewall/loaded";

/** How often files are read again, in milliseconds; Proxmox takes 5 s (nftables) or 10 s (iptables). */
const INTERVAL_MS = 500;

/** One problem as one line. */
export const problemText = ({ path, line, text, reason }: FileProblem): string =>
  `${path}${line === undefined ? "" : ` (line ${line})`}: ${reason}: ${text}`;

/** Keeps the rules of all nodes of a lab up to date. */
export class FirewallDaemon {
  private timer: NodeJS.Timeout | undefined;
  /** The last words about each node: the same ones are not said twice. */
  private readonly said = new Map<string, string>();

  /** What each node's files came to, by their texts: most looks find nothing new. */
  private readonly known = new Map<string, { readonly key: string; readonly result: Compiled }>();

  constructor(private readonly world: FirewallWorld) {}

  /** Begins; the first look is taken at once. */
  start(intervalMs = INTERVAL_MS): void {
    const look = async (): Promise<void> => {
      for (const node of this.world.backend.nodes) await this.update(node);
      if (this.timer !== undefined) this.timer = setTimeout(again, intervalMs).unref();
    };
    const again = (): void => {
      void look();
    };
    this.timer = setTimeout(again, 0).unref();
  }

  /** No look is taken after this; the rules stay. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Looks at one node once. One bad line anywhere keeps the old rules, as with Proxmox's nftables. */
  async update(node: string): Promise<void> {
    const { backend, load } = this.world;
    try {
      const loaded = (await backend.readFile(node, LOADED))?.trim();
      const { ruleset, problems } = this.compiled(node, await readNodeFiles(backend, node));
      if (problems.length > 0) throw new Error(problems.map(problemText).join("; "));
      const digest = digestOf(ruleset);
      // A node whose firewall was never on is left as it is.
      if (loaded !== digest && (loaded !== undefined || digest !== digestOf(NO_RULES))) {
        await load(node, ruleset, digest);
        this.say(node, `firewall rules loaded: ${digest.slice(0, 12)}`);
      }
      this.said.delete(node);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.say(node, `error updating firewall rules, the old ones stay: ${reason}`);
    }
  }

  private compiled(node: string, files: NodeFiles): Compiled {
    const key = JSON.stringify([...files]);
    const known = this.known.get(node);
    if (known?.key === key) return known.result;
    const result = compile(node, files);
    this.known.set(node, { key, result });
    return result;
  }

  private say(node: string, line: string): void {
    if (this.said.get(node) === line) return;
    this.said.set(node, line);
    this.world.log(node, line);
  }
}
