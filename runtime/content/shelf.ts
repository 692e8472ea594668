/**
 * The content of a running store: what its configuration's files hold and what was put over HTTP,
 * which outlives the process, in one library.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { parseCatalogue } from "./catalogue.ts";
import { contentOf, parseContent } from "./document.ts";
import type { Log } from "../world.ts";
import { type AnnotatedItem, Library } from "./library.ts";
import type { ContentStore } from "./store.ts";

export interface ShelfOptions {
  readonly catalogue: string;
  readonly files: readonly string[];
  /** The text of a file of at most so many bytes. */
  readonly readText: (path: string, most_bytes: number) => string;
  readonly store: ContentStore;
  /** Told of what was put and is of no use any more: it is left out. */
  readonly log: Log;
}

export class Shelf {
  readonly library: Library;
  readonly #store: ContentStore;
  /** Items that come from files of the configuration. */
  readonly #fromFiles = new Map<string, string>();

  /** Throws `RuntimeError` of kind `config_invalid` for files that cannot be used, and as the store
   * does. */
  constructor({ catalogue, files, readText, store, log }: ShelfOptions) {
    this.#store = store;
    const text = readText(catalogue, limits.catalogue_bytes);
    this.library = new Library(parseCatalogue(text, catalogue));
    for (const file of files) {
      for (const item of readItems(file, readText(file, limits.content_file_bytes))) {
        if (this.#fromFiles.has(item.id)) {
          throw new RuntimeError("config_invalid", `content ${file}: ${item.id} is there twice`);
        }
        this.library.put(item);
        this.#fromFiles.set(item.id, file);
      }
    }
    for (const { id, document } of store.all()) {
      // A file that was added since has the last word.
      if (this.#fromFiles.has(id)) continue;
      try {
        for (const item of parseContent(document, id)) this.library.put(item);
      } catch (error) {
        // Who put it is not there to mend it, and the store has to open.
        if (!(error instanceof RuntimeError)) throw error;
        log("warn", "content that was put is left out", { id, reason: error.message });
      }
    }
  }

  /** Takes a document of one item, and keeps it. Throws `RuntimeError`: `request_invalid` for what
   * is no content, `busy` for an item of a file, `overloaded` when there is no room. */
  put(document: unknown): AnnotatedItem {
    const [item, more] = contentOf(document, "document");
    if (item === undefined || more !== undefined) {
      throw new RuntimeError("request_invalid", "content is put one item at a time");
    }
    this.#refuseOfFile(item.id);
    const before = this.library.get(item.id);
    const annotated = this.library.put(item);
    try {
      this.#store.put({ id: item.id, document: JSON.stringify(document) });
    } catch (error) {
      // What is not kept is not shown either.
      if (before === undefined) this.library.remove(item.id);
      else this.library.put(before.item);
      throw error;
    }
    return annotated;
  }

  /** Throws `RuntimeError`: `not_found`, or `busy` for an item of a file. */
  remove(id: string): void {
    this.#refuseOfFile(id);
    this.#store.remove(id);
    if (this.library.remove(id)) return;
    throw new RuntimeError(
      "not_found",
      "there is no such content; GET /content lists what there is",
    );
  }

  /** Lets go of what keeps it. */
  close(): void {
    this.#store.close();
  }

  #refuseOfFile(id: string): void {
    const file = this.#fromFiles.get(id);
    if (file === undefined) return;
    throw new RuntimeError("busy", `this content comes from ${file}; change it there`);
  }
}

function readItems(file: string, text: string) {
  try {
    return parseContent(text, file);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw new RuntimeError("config_invalid", error.message);
  }
}
