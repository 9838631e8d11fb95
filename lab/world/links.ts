/** The links and addresses of a network namespace, asked of a process that stays (`links.pl`). */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";

import type { GuestInterface } from "../backend/backend";
import { parseLinks } from "./netlink";

/** One question that waits for its answer. */
interface Question {
  readonly answer: (line: string) => void;
  readonly fail: (error: Error) => void;
}

/** A reader that is started by the first query, and restarted by the first query after it ended. */
export class Links {
  private child: ReturnType<typeof Links.start> | undefined;
  private questions: Question[] = [];

  private static start() {
    const script = path.join(__dirname, "links.pl");
    return spawn("perl", [script], { stdio: ["pipe", "pipe", "inherit"] });
  }

  /** The interfaces in a namespace, given by its path as `/proc/PID/ns/net`; rejects when it is gone. */
  async of(namespace: string): Promise<readonly GuestInterface[]> {
    const child = (this.child ??= this.open());
    const line = await new Promise<string>((answer, fail) => {
      this.questions.push({ answer, fail });
      this.hold(child, true);
      child.stdin.write(`${namespace}\n`);
    }).finally(() => {
      if (this.questions.length === 0) this.hold(child, false);
    });
    if (line.startsWith("!")) throw new Error(line.slice(1).trim());
    return parseLinks(Buffer.from(line, "hex"));
  }

  private open(): ReturnType<typeof Links.start> {
    const child = Links.start();
    createInterface(child.stdout).on("line", (line) => this.questions.shift()?.answer(line));
    const end = (why: string) => {
      if (this.child !== child) return;
      this.child = undefined;
      for (const { fail } of this.questions.splice(0)) fail(new Error(`links.pl ${why}`));
    };
    child.once("error", ({ message }) => {
      end(`does not start: ${message}`);
    });
    child.once("close", (code) => {
      end(`ended with ${code ?? "a signal"}`);
    });
    // Its close event reports a reader that ended.
    child.stdin.on("error", () => undefined);
    return child;
  }

  /** Lets the reader keep this process alive only while a question waits. */
  private hold(child: ReturnType<typeof Links.start>, held: boolean): void {
    const { stdin, stdout } = child;
    for (const end of [child, stdin, stdout]) {
      if (!(end === child || end instanceof Socket)) continue;
      if (held) end.ref();
      else end.unref();
    }
  }
}
