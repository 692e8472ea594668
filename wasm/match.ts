/**
 * The gallery: templates of the people in range, in WebAssembly memory, searched exactly. It is the
 * binding of `assembly/match.ts`; `match_twin.ts` says in plain loops what it answers.
 */
import { WasmError } from "./errors.ts";
import { loadKernel } from "./kernels.ts";
import { limits } from "./limits.ts";
import {
  checkedK,
  checkedThreshold,
  checkShape,
  type GalleryOptions,
  type SearchOptions,
} from "./match_options.ts";
import type { Match } from "./match_twin.ts";
import { checkVector } from "./vector.ts";

export type { GalleryOptions, SearchOptions } from "./match_options.ts";
export type { Match } from "./match_twin.ts";

/** What the kernel exports; addresses are bytes in `memory`, rows count from 0. */
interface Kernel {
  readonly memory: WebAssembly.Memory;
  create(dim: number, capacity: number): number;
  reserve(rows: number): number;
  reserved(): number;
  ceiling(): number;
  staging(): number;
  results(): number;
  forget(slots: number): void;
  survey(slot: number): number;
  add(): void;
  remove(row: number): void;
  clear(): void;
  searchFloats(k: number, threshold: number): number;
  searchCodes(k: number, threshold: number): number;
  searchBatch(queries: number, k: number, threshold: number): void;
  finish(slot: number): number;
  rescored(slot: number): number;
}

/** From this many templates on, the scan by codes is faster than the one by f32. */
const CODES_FROM = 24;

/**
 * Templates by id, and the exact best matches of a probe among them.
 *
 * Both scans and every machine give the same answer: the k best by `score`, ties by id. Removing a
 * template overwrites every byte of it; probes are overwritten before a search returns.
 *
 * ```ts
 * import { Gallery } from "./match.ts";
 * import assert from "node:assert/strict";
 * const gallery = Gallery.create({ dim: 16, capacity: 100 });
 * const template = new Float32Array(16).fill(0.25);
 * gallery.add("visit-1", template);
 * assert.deepEqual(gallery.search(template, { k: 1 }), [{ id: "visit-1", score: 1 }]);
 * ```
 */
export class Gallery {
  readonly #kernel: Kernel;
  readonly #dim: number;
  readonly #ids: string[];
  readonly #rows = new Map<string, number>();
  #staging: Float32Array[] = [];
  #scores: Float32Array = new Float32Array();
  #winners: Int32Array = new Int32Array();

  private constructor(kernel: Kernel, dim: number, ids: string[]) {
    this.#kernel = kernel;
    this.#dim = dim;
    this.#ids = ids;
    this.#view();
  }

  /**
   * An empty gallery with memory of its own. Throws `WasmError`: `option_invalid`,
   * `kernel_missing`, or `gallery_full` when the capacity does not fit below 4 GiB or the machine
   * refuses the memory.
   */
  static create(options: GalleryOptions): Gallery {
    const { dim, capacity } = options;
    checkShape(dim, capacity);
    const ids: string[] = [];
    const precedes = (a: number, b: number): number => ids[a]! < ids[b]! ? 1 : 0;
    const instance = new WebAssembly.Instance(
      options.kernel ?? loadKernel("match"),
      {
        heap: { precedes },
      },
    );
    const kernel = instance.exports as unknown as Kernel;
    if (kernel.create(dim, capacity) === 0) throw full(kernel, capacity);
    return new Gallery(kernel, dim, ids);
  }

  /** Templates held. */
  get size(): number {
    return this.#ids.length;
  }

  /** True when a template is held under this id. */
  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /**
   * Copies a template of unit length in. Throws `WasmError` and changes nothing: `id_invalid`,
   * `id_duplicate`, `vector_length`, `vector_not_finite`, `vector_zero`, `vector_not_normalised`,
   * `gallery_full`.
   */
  add(id: string, template: Float32Array): void {
    if (
      typeof id !== "string" || id.length === 0 || id.length > limits.id_length
    ) {
      throw new WasmError(
        "id_invalid",
        `an id must be a string of 1 to ${limits.id_length} characters`,
      );
    }
    if (this.#rows.has(id)) {
      throw new WasmError(
        "id_duplicate",
        `${id} is in the gallery already: remove it first`,
      );
    }
    this.#stage(0, template, "template");
    try {
      const row = this.#ids.length;
      if (row === this.#kernel.reserved()) this.#grow(row + 1);
      this.#kernel.add();
      this.#ids.push(id);
      this.#rows.set(id, row);
    } finally {
      this.#kernel.forget(1);
    }
  }

  /** Removes a template and overwrites its bytes. False when there is none under this id. */
  remove(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    this.#kernel.remove(row);
    const moved = this.#ids.pop()!;
    if (moved !== id) {
      this.#ids[row] = moved;
      this.#rows.set(moved, row);
    }
    this.#rows.delete(id);
    return true;
  }

  /** Removes every template and overwrites their bytes. */
  clear(): void {
    this.#kernel.clear();
    this.#ids.length = 0;
    this.#rows.clear();
  }

  /**
   * The k best templates for a probe of unit length whose scores reach the threshold, best first,
   * ties by id. Throws `WasmError`: `option_invalid`, and the `vector_…` kinds of `add`.
   */
  search(probe: Float32Array, options: SearchOptions): Match[] {
    const k = checkedK(options);
    const threshold = checkedThreshold(options);
    this.#stage(0, probe, "probe");
    const kernel = this.#kernel;
    const found = this.#ids.length < CODES_FROM
      ? kernel.searchFloats(k, threshold)
      : kernel.searchCodes(k, threshold);
    const matches = this.#matches(0, found);
    kernel.forget(1);
    return matches;
  }

  /** `search` for many probes, reading the gallery once for every 16 of them. */
  searchBatch(
    probes: readonly Float32Array[],
    options: SearchOptions,
  ): Match[][] {
    const k = checkedK(options);
    const threshold = checkedThreshold(options);
    const kernel = this.#kernel;
    const answers: Match[][] = [];
    for (let first = 0; first < probes.length; first += limits.batch) {
      const queries = Math.min(limits.batch, probes.length - first);
      try {
        for (let slot = 0; slot < queries; slot++) {
          this.#stage(slot, probes[first + slot]!, "probe");
        }
        kernel.searchBatch(queries, k, threshold);
        for (let slot = 0; slot < queries; slot++) {
          answers.push(this.#matches(slot, kernel.finish(slot)));
        }
      } finally {
        kernel.forget(queries);
      }
    }
    return answers;
  }

  #matches(slot: number, found: number): Match[] {
    const matches: Match[] = [];
    const start = slot * limits.k * 2;
    for (let at = start; at < start + found * 2; at += 2) {
      matches.push({
        id: this.#ids[this.#winners[at + 1]!]!,
        score: this.#scores[at]!,
      });
    }
    return matches;
  }

  /** Copies a vector to the kernel's desk and checks it there; a refused one is overwritten. */
  #stage(slot: number, vector: Float32Array, what: string): void {
    if (!(vector instanceof Float32Array) || vector.length !== this.#dim) {
      throw new WasmError(
        "vector_length",
        `the ${what} must be a Float32Array of ${this.#dim}`,
      );
    }
    this.#staging[slot]!.set(vector);
    const squared = this.#kernel.survey(slot);
    const { norm_tolerance } = limits;
    if (
      squared > (1 - norm_tolerance) ** 2 && squared < (1 + norm_tolerance) ** 2
    ) return;
    this.#kernel.forget(slot + 1);
    checkVector(vector, what);
  }

  #grow(rows: number): void {
    const kernel = this.#kernel;
    if (rows > kernel.ceiling()) throw full(kernel, rows);
    // Half as much again, within the ceiling: few growths, and none that memory refuses early.
    const wanted = Math.min(Math.ceil(kernel.reserved() * 1.5), kernel.ceiling());
    if (kernel.reserve(wanted) === 0 && kernel.reserve(rows) === 0) throw full(kernel, rows);
    this.#view();
  }

  /** Memory that grew has a new buffer. */
  #view(): void {
    const { buffer } = this.#kernel.memory;
    const start = this.#kernel.staging();
    this.#staging = Array.from(
      { length: limits.batch },
      (_, slot) => new Float32Array(buffer, start + slot * limits.dim * 4, this.#dim),
    );
    const entries = limits.batch * limits.k * 2;
    this.#scores = new Float32Array(buffer, this.#kernel.results(), entries);
    this.#winners = new Int32Array(buffer, this.#kernel.results(), entries);
  }
}

function full(kernel: Kernel, rows: number): WasmError {
  const ceiling = kernel.ceiling();
  return new WasmError(
    "gallery_full",
    rows > ceiling
      ? `${rows} templates are too many: ${ceiling} fit below 4 GiB; use several galleries`
      : `the machine refused memory for ${rows} templates: free some, or use a smaller gallery`,
  );
}
