import { BackendError } from "../backend/backend";
import { delayed, Faults } from "../fault/faults";
import { formatUpid, parseUpid, type TaskIdentity } from "../pve/upid";
import { ParameterError } from "./parameter-error";

/** What a worker writes; each line ends up in the task's log. */
export interface TaskLog {
  line(text: string): void;
  /** A line `WARN: ...`; the task then ends with `WARNINGS: n` instead of `OK`. */
  warn(text: string): void;
}

/** One task and how it stands; endtime in seconds since 1970, absent while it runs. */
export interface Task extends TaskIdentity {
  readonly upid: string;
  readonly lines: readonly string[];
  readonly exitstatus: string | undefined;
  readonly endtime: number | undefined;
}

interface RunningTask extends Task {
  readonly lines: string[];
  exitstatus: string | undefined;
  endtime: number | undefined;
  done: Promise<void>;
}

/** A worker's job; what it throws becomes the exit status. */
export type Work = (log: TaskLog) => Promise<void>;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trimEnd();

/** All tasks of a lab, kept until it ends, with UPIDs, states and logs as Proxmox has them. */
export class Tasks {
  private readonly tasks = new Map<string, RunningTask>();
  private pid = 1000;

  /**
   * `minimumMs`: how long every task takes at least, so that clients meet running tasks; `clock` is in
   * milliseconds since 1970.
   */
  constructor(
    private readonly minimumMs: number,
    private readonly faults = new Faults(),
    private readonly clock: () => number = Date.now,
  ) {}

  /** Seconds since 1970. */
  private now(): number {
    return Math.floor(this.clock() / 1000);
  }

  /** Starts a worker and returns its UPID at once. */
  start(identity: Pick<TaskIdentity, "node" | "type" | "id" | "user">, work: Work): string {
    const starttime = this.now();
    const full = {
      ...identity,
      pid: ++this.pid,
      pstart: Math.floor(process.uptime() * 100),
      starttime,
    };
    const upid = formatUpid(full);
    const task: RunningTask = {
      ...full,
      upid,
      lines: [],
      exitstatus: undefined,
      endtime: undefined,
      done: Promise.resolve(),
    };
    this.tasks.set(upid, task);
    task.done = this.run(task, work);
    return upid;
  }

  /** The task; a 400 that names `upid` when it is none, or none that is known. */
  find(upid: string): Task {
    const task = this.tasks.get(upid);
    if (task !== undefined) return task;
    throw new ParameterError({
      upid: parseUpid(upid) === undefined ? "unable to parse worker upid" : "no such task",
    });
  }

  /** All tasks, newest first. */
  list(): readonly Task[] {
    return [...this.tasks.values()].reverse();
  }

  /** Resolves with the task once its worker has ended. */
  async finished(upid: string): Promise<Task> {
    this.find(upid);
    await this.tasks.get(upid)?.done;
    return this.find(upid);
  }

  /** Resolves when no worker runs any more. */
  async idle(): Promise<void> {
    await Promise.all([...this.tasks.values()].map(({ done }) => done));
  }

  private async run(task: RunningTask, work: Work): Promise<void> {
    let warnings = 0;
    const fault = this.faults.meet("task", `${task.type} ${task.id}`);
    // A worker notices a failure in a separate step, so that it cleans up as for any other.
    const step = (): void => {
      if (fault?.effect === "fail") throw new BackendError(fault.value ?? "");
    };
    const log: TaskLog = {
      line: (text) => {
        step();
        task.lines.push(...text.trimEnd().split("\n"));
      },
      warn: (text) => {
        step();
        warnings++;
        task.lines.push(`WARN: ${text}`);
      },
    };
    const delay = new Promise((resolve) => setTimeout(resolve, this.minimumMs));
    let exitstatus: string;
    try {
      await delayed(fault, "delay");
      if (fault?.effect === "die") throw new BackendError("unexpected status");
      await work(log);
      step();
      exitstatus = warnings === 0 ? "OK" : `WARNINGS: ${warnings}`;
      task.lines.push(warnings === 0 ? "TASK OK" : `TASK WARNINGS: ${warnings}`);
    } catch (error) {
      exitstatus = messageOf(error);
      task.lines.push(`TASK ERROR: ${exitstatus}`);
    }
    if (this.minimumMs > 0) await delay;
    task.endtime = this.now();
    task.exitstatus = exitstatus;
  }
}
