/**
 * Content that was put over HTTP, kept for the next start as it was written: a port with two
 * adapters, a file and memory.
 */

export interface KeptContent {
  /** The item's address. */
  readonly id: string;
  /** JSON-LD, as it was put. */
  readonly document: string;
}

/** Throws `RuntimeError` of kind `busy`, `data_corrupt`, `disk_full` or `disk_failed`. */
export interface ContentStore {
  /** Everything that is kept, oldest first. */
  all(): readonly KeptContent[];
  /** Keeps it for good when it returns, in place of what had its id. */
  put(kept: KeptContent): void;
  /** Forgets it, if it is there. */
  remove(id: string): void;
  close(): void;
}

export function memoryContentStore(): ContentStore {
  const kept = new Map<string, KeptContent>();
  return {
    all: () => [...kept.values()],
    put(one) {
      kept.delete(one.id);
      kept.set(one.id, one);
    },
    remove: (id) => void kept.delete(id),
    close() {},
  };
}
