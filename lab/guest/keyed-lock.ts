import { BackendError } from "../backend/backend";

/** Lets one operation per key run at a time; the others wait for a limited time. */
export class KeyedLock {
  private readonly tails = new Map<string, Promise<unknown>>();

  constructor(private readonly timeoutMs: number) {}

  /** Throws `can't lock file '<key>' - got timeout` when the key stays taken. */
  async run<T>(key: string, operation: () => Promise<T>): Promise<T> {
    const before = this.tails.get(key) ?? Promise.resolve();
    let release: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => (release = resolve));
    const tail = before.then(() => mine);
    this.tails.set(key, tail);
    try {
      await this.turn(key, before);
      return await operation();
    } finally {
      release();
      if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }

  private async turn(key: string, before: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new BackendError(`can't lock file '${key}' - got timeout`));
      }, this.timeoutMs);
    });
    try {
      await Promise.race([before, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
