/**
 * Brings what SQLite wrote to a write-ahead log onto the disk, beside the loop: one sync serves all
 * commits before it began. SQLite's own (`synchronous=FULL`) holds up everybody once a commit.
 */
import { closeSync, fdatasync, openSync } from "node:fs";
import { RuntimeError } from "../../../runtime/errors.ts";

interface Waiter {
  /** Commits that must be on the disk. */
  readonly commits: number;
  readonly kept: () => void;
  readonly lost: (error: Error) => void;
}

export class LogSync {
  readonly #path: string;
  #file: number | undefined;
  #written = 0;
  #kept = 0;
  #syncing = false;
  #closed = false;
  #waiters: Waiter[] = [];
  #trouble: Error | undefined;

  /** `path` of the database; its log is beside it from the first commit on. */
  constructor(path: string, private readonly onLost: (error: Error) => void = () => {}) {
    this.#path = `${path}-wal`;
  }

  /** What is in the log and could not be synced may be lost with the machine: nothing more may be
   * built on it. */
  assertSound(): void {
    if (this.#trouble) throw this.#trouble;
  }

  /** A transaction was committed to the log. */
  noteCommit(): void {
    this.#written += 1;
    if (!this.#syncing) this.#sync();
  }

  /** Resolves when every commit so far is on the disk; undefined when that is so already. */
  kept(): Promise<void> | undefined {
    if (this.#trouble) return Promise.reject(this.#trouble);
    const commits = this.#written;
    if (this.#kept === commits) return undefined;
    return new Promise((kept, lost) => this.#waiters.push({ commits, kept, lost }));
  }

  /** The database was closed in order, and with that all of it is on the disk. */
  close(): void {
    this.#closed = true;
    this.#settle(this.#written);
    if (!this.#syncing) this.#closeFile();
  }

  #sync(): void {
    const commits = this.#written;
    this.#syncing = true;
    const done = (error: Error | null) => {
      this.#syncing = false;
      if (this.#closed) return this.#closeFile();
      if (error) return this.#fail(error);
      this.#settle(commits);
      if (this.#written > commits) this.#sync();
    };
    try {
      this.#file ??= openSync(this.#path, "r+");
    } catch (error) {
      return done(error as Error);
    }
    fdatasync(this.#file, done);
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
  }
}
