/**
 * The gallery as its callers meet it: what it finds, what it refuses, and what is left in memory.
 */
import assert from "node:assert/strict";
import { WasmError, type WasmErrorKind } from "./errors.ts";
import { loadKernel } from "./kernels.ts";
import { Gallery } from "./match.ts";
import { unitVector } from "./testing.ts";

/** Runs `act`, which must throw a `WasmError` of this kind. */
function refused(kind: WasmErrorKind, act: () => unknown): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof WasmError, String(error));
    assert.equal(error.kind, kind);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

Deno.test("the shopper in range is found first, and nobody below the threshold", () => {
  const gallery = Gallery.create({ dim: 64, capacity: 8 });
  const templates = Array.from(
    { length: 5 },
    (_, seed) => unitVector(64, seed),
  );
  templates.forEach((template, index) => gallery.add(`visit-${index}`, template));
  assert.equal(gallery.size, 5);
  assert.deepEqual(gallery.search(templates[3]!, { k: 5, threshold: 0.9 }), [
    { id: "visit-3", score: 1 },
  ]);
  assert.equal(gallery.search(templates[3]!, { k: 2 }).length, 2);
  assert.deepEqual(
    gallery.search(unitVector(64, 99), { k: 5, threshold: 0.9 }),
    [],
  );
});

Deno.test("equal scores come in the order of their ids, whatever the order of arrival", () => {
  for (const copies of [3, 500]) {
    const gallery = Gallery.create({ dim: 16, capacity: copies });
    const template = unitVector(16, 1);
    const ids = Array.from(
      { length: copies },
      (_, index) => `v${(index * 7919) % copies}`,
    );
    for (const id of ids) gallery.add(id, template);
    const found = gallery.search(template, { k: copies }).map((match) => match.id);
    assert.deepEqual(found, ids.toSorted());
    assert.deepEqual(
      gallery.search(template, { k: 2 }).map((match) => match.id),
      ids.toSorted().slice(0, 2),
    );
  }
});

Deno.test("a template that left is not found, and its place is used again", () => {
  const gallery = Gallery.create({ dim: 32, capacity: 4 });
  for (let seed = 0; seed < 40; seed++) {
    gallery.add(`v${seed}`, unitVector(32, seed));
  }
  assert.equal(gallery.remove("v7"), true);
  assert.equal(gallery.remove("v7"), false);
  assert.equal(gallery.has("v7"), false);
  assert.equal(gallery.size, 39);
  assert.equal(gallery.search(unitVector(32, 39), { k: 1 })[0]!.id, "v39");
  gallery.add("v7", unitVector(32, 7));
  assert.deepEqual(
    gallery.search(unitVector(32, 7), { k: 1, threshold: 0.99 }),
    [
      { id: "v7", score: 1 },
    ],
  );
  gallery.clear();
  assert.equal(gallery.size, 0);
  assert.deepEqual(gallery.search(unitVector(32, 7), { k: 1 }), []);
});

Deno.test("bad templates, probes and ids are refused and change nothing", () => {
  const gallery = Gallery.create({ dim: 16, capacity: 4 });
  gallery.add("v1", unitVector(16, 1));
  const spoiled = (value: number): Float32Array => {
    const vector = unitVector(16, 2);
    vector[9] = value;
    return vector;
  };
  const bad: [WasmErrorKind, Float32Array][] = [
    ["vector_length", unitVector(32, 1)],
    ["vector_length", new Float32Array()],
    ["vector_not_finite", spoiled(NaN)],
    ["vector_not_finite", spoiled(Infinity)],
    ["vector_not_finite", spoiled(-Infinity)],
    ["vector_zero", new Float32Array(16)],
    ["vector_not_normalised", spoiled(2)],
    ["vector_not_normalised", spoiled(3e38)],
    ["vector_not_normalised", unitVector(16, 2).map((value) => value * 1e-30)],
  ];
  for (const [kind, vector] of bad) {
    refused(kind, () => gallery.add("v2", vector));
    refused(kind, () => gallery.search(vector, { k: 1 }));
    refused(
      kind,
      () => gallery.searchBatch([unitVector(16, 1), vector], { k: 1 }),
    );
  }
  refused("id_duplicate", () => gallery.add("v1", unitVector(16, 2)));
  refused("id_invalid", () => gallery.add("", unitVector(16, 2)));
  refused("id_invalid", () => gallery.add("x".repeat(129), unitVector(16, 2)));
  for (const k of [0, -1, 1.5, NaN, 1025]) {
    refused("option_invalid", () => gallery.search(unitVector(16, 1), { k }));
  }
  refused(
    "option_invalid",
    () => gallery.search(unitVector(16, 1), { k: 1, threshold: NaN }),
  );
  assert.equal(gallery.size, 1);
  assert.deepEqual(gallery.search(unitVector(16, 1), { k: 5 }), [{
    id: "v1",
    score: 1,
  }]);
});

Deno.test("a gallery that cannot be is refused when it is made", () => {
  for (const dim of [0, 8, 17, 1040, 16.5, NaN]) {
    refused("option_invalid", () => Gallery.create({ dim, capacity: 1 }));
  }
  for (const capacity of [0, -1, 0.5, NaN, 2 ** 31]) {
    refused("option_invalid", () => Gallery.create({ dim: 16, capacity }));
  }
  refused(
    "gallery_full",
    () => Gallery.create({ dim: 1024, capacity: 1_000_000 }),
  );
});

/** Makes a gallery and shows the memory it lives in. */
function withMemory(options: { dim: number; capacity: number }) {
  const seen: WebAssembly.Instance[] = [];
  const Original = WebAssembly.Instance;
  WebAssembly.Instance = class extends Original {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      seen.push(this);
    }
  };
  try {
    const gallery = Gallery.create(options);
    const memory = seen[0]!.exports["memory"] as WebAssembly.Memory;
    return { gallery, bytes: () => new Uint8Array(memory.buffer) };
  } finally {
    WebAssembly.Instance = Original;
  }
}

/** Values of the vector that stand anywhere in memory, as f32 or as f64, and bytes that are set. */
function traces(bytes: Uint8Array, vector: Float32Array): number {
  const narrow = new Set(new Int32Array(vector.buffer));
  const wide = new Set(new BigInt64Array(new Float64Array(vector).buffer));
  const words = new Int32Array(bytes.buffer);
  const doubles = new BigInt64Array(bytes.buffer);
  return words.filter((word) => narrow.has(word)).length +
    doubles.filter((word) => wide.has(word)).length;
}

Deno.test("what is removed, refused or searched for leaves no trace in memory", () => {
  const { gallery, bytes } = withMemory({ dim: 64, capacity: 64 });
  const empty = bytes().slice();
  const template = unitVector(64, 0);
  const probe = unitVector(64, 1000);
  for (let seed = 0; seed < 40; seed++) {
    gallery.add(`v${seed}`, unitVector(64, seed));
  }
  assert.ok(traces(bytes(), template) >= 64);
  gallery.search(probe, { k: 3 });
  gallery.searchBatch([probe], { k: 3 });
  gallery.searchBatch(Array.from({ length: 6 }, () => probe), { k: 3 });
  assert.equal(traces(bytes(), probe), 0);
  const refusedOne = unitVector(64, 2000).map((value) => value * 2);
  assert.throws(() => gallery.add("v99", refusedOne));
  assert.equal(traces(bytes(), refusedOne), 0);

  gallery.remove("v0");
  assert.equal(traces(bytes(), template), 0);
  for (let seed = 1; seed < 30; seed++) gallery.remove(`v${seed}`);
  gallery.clear();
  // Only the heaps of past scores may differ from a gallery that never held anybody.
  const desk = 2 ** 20;
  const after = bytes();
  assert.equal(after.length, empty.length);
  for (let at = desk; at < after.length; at++) {
    if (after[at] !== 0) assert.fail(`byte ${at} is set`);
  }
});

Deno.test("a gallery grows as people come in, and keeps everybody", () => {
  const { gallery, bytes } = withMemory({ dim: 512, capacity: 1 });
  const before = bytes().length;
  for (let seed = 0; seed < 2500; seed++) {
    gallery.add(`v${seed}`, unitVector(512, seed));
  }
  assert.ok(bytes().length > before);
  for (const seed of [0, 1023, 1024, 2047, 2048, 2499]) {
    assert.deepEqual(
      gallery.search(unitVector(512, seed), { k: 1, threshold: 0.9 }),
      [
        { id: `v${seed}`, score: 1 },
      ],
    );
  }
});

Deno.test("a worker without permissions makes a gallery from a kernel handed to it", async () => {
  const options: WorkerOptions & { deno: { permissions: "none" } } = {
    type: "module",
    deno: { permissions: "none" },
  };
  const worker = new Worker(
    new URL("./testing_worker.ts", import.meta.url),
    options,
  );
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage(loadKernel("match"));
  assert.deepEqual(await answer, {
    found: [{ id: "visit-1", score: 1 }],
    without: "kernel_missing",
  });
  worker.terminate();
});
