/**
 * The libraries that people would reach for, behind one shape. They are loaded by name at run time:
 * only the benches' own configuration knows them.
 */

/** The part of usearch that is measured. */
interface Usearch {
  exactSearch(
    dataset: Float32Array | Int8Array,
    queries: Float32Array | Int8Array,
    dim: number,
    k: number,
    metric: string,
    threads: number,
  ): { keys: BigUint64Array };
  Index: new (
    options: { metric: string; dimensions: number; quantization: string },
  ) => {
    add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
    search(
      probe: Float32Array,
      k: number,
      threads: number,
    ): { keys: BigUint64Array };
  };
}

/** Finds the rows of the k best templates for probe number `turn`, best first. */
export interface Peer {
  readonly name: string;
  search(turn: number): readonly number[] | Promise<readonly number[]>;
  close?(): void | Promise<void>;
}

/** What is searched: rows one after the other, and probes likewise. */
export interface Field {
  readonly dim: number;
  readonly rows: number;
  readonly k: number;
  readonly templates: Float32Array<ArrayBuffer>;
  readonly probes: readonly Float32Array<ArrayBuffer>[];
}

/** Loads a module that the type checker of the product must not need. */
async function load<Module>(name: string): Promise<Module> {
  const module = await import(name);
  return (module.default ?? module) as Module;
}

const rowsOf = (keys: BigUint64Array) => Array.from(keys, Number);

/** usearch's exact search over f32 by inner product, and over i8 by cosine, with one thread. */
export async function usearchExact(
  field: Field,
): Promise<{ f32: Peer; i8: Peer; batch: Peer }> {
  const usearch = await load<Usearch>("usearch");
  const { dim, rows, k, templates, probes } = field;
  const codes = new Int8Array(templates.length);
  for (let row = 0; row < rows; row++) {
    quantise(templates, codes, row * dim, dim);
  }
  const probeCodes = probes.map((probe) => {
    const coded = new Int8Array(dim);
    quantise(probe, coded, 0, dim);
    return coded;
  });
  const together = new Float32Array(dim * probes.length);
  probes.forEach((probe, index) => together.set(probe, index * dim));
  return {
    f32: {
      name: "usearch exact f32",
      search: (turn) =>
        rowsOf(
          usearch.exactSearch(
            templates,
            probes[turn % probes.length]!,
            dim,
            k,
            "ip",
            1,
          ).keys,
        ),
    },
    i8: {
      name: "usearch exact i8",
      search: (turn) =>
        rowsOf(
          usearch.exactSearch(
            codes,
            probeCodes[turn % probes.length]!,
            dim,
            k,
            "cos",
            1,
          ).keys,
        ),
    },
    batch: {
      name: "usearch exact f32",
      search: () => rowsOf(usearch.exactSearch(templates, together, dim, k, "ip", 1).keys),
    },
  };
}

/** Codes of -127 to 127 with a scale of its own for each vector, which cosine does not see. */
function quantise(
  from: Float32Array,
  to: Int8Array,
  start: number,
  dim: number,
): void {
  let top = 0;
  for (let i = start; i < start + dim; i++) {
    top = Math.max(top, Math.abs(from[i]!));
  }
  for (let i = start; i < start + dim; i++) {
    to[i] = Math.round(from[i]! * 127 / top);
  }
}

/** usearch's HNSW index over f32 with its default settings. */
export async function usearchHnsw(field: Field): Promise<Peer> {
  const { Index } = await load<Usearch>("usearch");
  const { dim, rows, k, templates, probes } = field;
  const index = new Index({
    metric: "ip",
    dimensions: dim,
    quantization: "f32",
  });
  index.add(
    BigUint64Array.from({ length: rows }, (_, row) => BigInt(row)),
    templates,
    1,
  );
  return {
    name: "usearch HNSW",
    search: (turn) => rowsOf(index.search(probes[turn % probes.length]!, k, 1).keys),
  };
}

/** A loop over a Float32Array with an insertion into the best so far. */
export function plainLoop(field: Field): Peer {
  const { dim, rows, k, templates, probes } = field;
  return {
    name: "plain JavaScript",
    search: (turn) => {
      const probe = probes[turn % probes.length]!;
      const best: number[] = [], scores: number[] = [];
      for (let row = 0, at = 0; row < rows; row++) {
        let sum = 0;
        for (let i = 0; i < dim; i++, at++) sum += probe[i]! * templates[at]!;
        if (scores.length === k && sum <= scores[k - 1]!) continue;
        let place = scores.length;
        while (place > 0 && scores[place - 1]! < sum) place--;
        scores.splice(place, 0, sum);
        best.splice(place, 0, row);
        scores.length = best.length = Math.min(k, scores.length);
      }
      return best;
    },
  };
}
