/**
 * A gallery filled to the 4 GiB that its memory can have. It needs as much of the machine, so it
 * runs with the system tests.
 */
import assert from "node:assert/strict";
import { WasmError } from "./errors.ts";
import { Gallery } from "./match.ts";
import { unitVector } from "./testing.ts";

Deno.test("a gallery at its ceiling refuses one more in clear words and keeps all it has", () => {
  // Made small: it grows all the way.
  const gallery = Gallery.create({ dim: 1024, capacity: 700_000 });
  const crowd = unitVector(1024, 1), last = unitVector(1024, 2);
  let refusal: unknown;
  while (refusal === undefined) {
    try {
      gallery.add(`v${gallery.size}`, crowd);
    } catch (error) {
      refusal = error;
    }
  }
  assert.ok(refusal instanceof WasmError && refusal.kind === "gallery_full", String(refusal));
  const held = gallery.size;
  assert.ok(held > 800_000);
  assert.equal(gallery.remove("v7"), true);
  gallery.add("last", last);
  assert.equal(gallery.size, held);
  assert.deepEqual(gallery.search(last, { k: 1, threshold: 0.9 }), [{ id: "last", score: 1 }]);
});
