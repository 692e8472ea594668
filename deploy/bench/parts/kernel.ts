/**
 * The gallery against exact and approximate peers, and against the memory it reads; the rows are
 * `kernel/…`. Each size is built, measured and let go before the next.
 */
import { Gallery } from "../../../wasm/match.ts";
import { measureBatch, measureSearch, measureStreaming } from "../kernel/search.ts";
import { makeField } from "../kernel/field.ts";
import { measurePictures } from "../kernel/pictures.ts";
import { measureGarbage, measureUpkeep } from "../kernel/upkeep.ts";
import type { Part } from "../main.ts";

/** Largest gallery for which the peers that are slow to build or to run take part. */
const SMALL = 20_000;

export const part: Part = async (report) => {
  await measurePictures(report);
  for (const rows of [200, 2_000, 20_000, 200_000]) {
    const field = makeField(rows, 512);
    const gallery = fill(field);
    await measureSearch(report, gallery, field, rows <= SMALL);
    await measureBatch(report, gallery, field);
    if (rows === 200_000) await measureStreaming(report, gallery, field);
    if (rows === 200) measureGarbage(report, gallery, field);
    if (rows === 2_000) await measureUpkeep(report, gallery, field);
  }
  const field = makeField(1_000_000, 128);
  const gallery = fill(field);
  await measureSearch(report, gallery, field, false);
  await measureBatch(report, gallery, field);
};

/** A gallery whose ids are the row numbers. */
function fill(field: ReturnType<typeof makeField>): Gallery {
  const { dim, rows, templates } = field;
  const gallery = Gallery.create({ dim, capacity: rows });
  for (let row = 0; row < rows; row++) {
    gallery.add(String(row), templates.subarray(row * dim, row * dim + dim));
  }
  return gallery;
}
