/**
 * Brings transactions to SQLite's write-ahead log and onto the disk, beside the loop: those that
 * come while one sync runs are written and synced together by the next. SQLite's own
 * (`synchronous=FULL`) holds up everybody once a commit.
 */
import { closeSync, fdatasync, openSync } from "node:fs";
import { RuntimeError } from "../../../runtime/errors.ts";
import type { Clock } from "../../../runtime/world.ts";

/** For a disk that is fast: lets so much time pass between the beginnings of two syncs. */
export function syncsApart(clock: Clock, apart_ms: number): (sync: () => void) => void {
  let begun_ms = clock.now_ms();
  return (sync) => {
    const begin = () => {
      begun_ms = clock.now_ms();
      sync();
    };
    // A wall clock may have been set back.
    const wait_ms = Math.min(begun_ms + apart_ms - clock.now_ms(), apart_ms);
    if (wait_ms > 0) clock.after(wait_ms, begin);
    else begin();
  };
}

interface Waiter {
  /** Transactions that must be on the disk. */
  readonly commits: number;
  readonly kept: () => void;
  readonly lost: (error: Error) => void;
}

export class LogSync {
  readonly #path: string;
  #file: number | undefined;
  /** Transactions that are done, in the log, on the disk. */
  #done = 0;
  #written = 0;
  #kept = 0;
  #syncing = false;
  #closed = false;
  readonly #over = Promise.withResolvers<void>();
  #waiters: Waiter[] = [];
  #trouble: Error | undefined;
  /** Why transactions were undone of which somebody may still ask whether they are kept, until
   * something is written again. */
  #undone: Error | undefined;

  /** `path` of the database; its log is beside it from the first commit on, which `write` makes of
   * the transactions that are done; it answers who is to be called then. After a sync the next one
   * is left to `gather`, if more has come. */
  constructor(
    path: string,
    private readonly commit: () => readonly (() => void)[],
    private readonly onLost: (error: Error) => void = () => {},
    private readonly gather: (sync: () => void) => void = (sync) => sync(),
  ) {
    this.#path = `${path}-wal`;
  }

  /** What is in the log and could not be synced may be lost with the machine: nothing more may be
   * built on it. */
  assertSound(): void {
    if (this.#trouble) throw this.#trouble;
  }

  /** A transaction is done. Throws, and it is not, when it cannot be brought to the log. */
  noteDone(): void {
    this.#done += 1;
    const trouble = this.#syncing ? undefined : this.#goOn();
    if (trouble) throw trouble;
  }

  /** Everything that is done is in the log when this returns. Throws when it cannot be brought
   * there: it is undone then. */
  write(): void {
    const trouble = this.#bring();
    if (trouble) throw trouble;
  }

  #bring(): Error | undefined {
    let concerned: readonly (() => void)[];
    try {
      concerned = this.commit();
    } catch (error) {
      this.lose(error as Error);
      return error as Error;
    }
    this.#written = this.#done;
    for (const call of concerned) call();
    return undefined;
  }

  /** What was done and is not in the log was undone: whoever stands on it is told, also those who
   * ask only now. */
  lose(error: Error): void {
    if (this.#done === this.#written) return;
    this.#done = this.#written;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ commits }) => commits <= this.#written);
    if (this.#syncing) this.#undone = error;
    for (const { commits, lost } of waiters) if (commits > this.#written) lost(error);
  }

  /** Resolves when every transaction so far is on the disk; undefined when that is so already. */
  kept(): Promise<void> | undefined {
    const trouble = this.#trouble ?? this.#undone;
    if (trouble) return Promise.reject(trouble);
    const commits = this.#done;
    if (this.#kept === commits) return undefined;
    return new Promise((kept, lost) => this.#waiters.push({ commits, kept, lost }));
  }

  /** The database was closed in order, and with that all of it is on the disk. Resolves when the
   * sync that was under way is over as well. */
  close(): Promise<void> {
    this.#closed = true;
    this.#settle(this.#done);
    if (!this.#syncing) this.#closeFile();
    return this.#over.promise;
  }

  #sync(): void {
    const commits = this.#written;
    this.#syncing = true;
    const done = (error: Error | null) => {
      this.#syncing = false;
      if (this.#closed) return this.#closeFile();
      if (error) return this.#fail(error);
      this.#settle(commits);
      if (this.#done === commits) return;
      this.#syncing = true;
      this.gather(() => {
        this.#syncing = false;
        // Where it fails, those who wait for it are told.
        if (!this.#closed) this.#goOn();
        else this.#closeFile();
      });
    };
    try {
      this.#file ??= openSync(this.#path, "r+");
    } catch (error) {
      return done(error as Error);
    }
    fdatasync(this.#file, done);
  }

  /** Writes and syncs what is done; answers why it cannot be written. */
  #goOn(): Error | undefined {
    const trouble = this.#bring();
    if (trouble) return trouble;
    this.#undone = undefined;
    if (this.#written > this.#kept && !this.#syncing) this.#sync();
    return undefined;
  }

  #settle(commits: number): void {
    this.#kept = commits;
    const waiters = this.#waiters;
    const first = waiters.findIndex((waiter) => waiter.commits > commits);
    for (const { kept } of waiters.splice(0, first < 0 ? waiters.length : first)) kept();
  }

  #fail(cause: Error): void {
    this.#trouble = new RuntimeError(
      "disk_failed",
      `${this.#path} cannot be brought onto the disk (${cause.message}): see to the disk, and ` +
        "start the issuer again",
      { cause },
    );
    for (const { lost } of this.#waiters.splice(0)) lost(this.#trouble);
    this.onLost(this.#trouble);
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#over.resolve();
  }
}
