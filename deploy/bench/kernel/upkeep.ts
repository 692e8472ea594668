/**
 * What the gallery costs beside searching: adding, removing, and the garbage that a search leaves.
 */
import type { Gallery } from "../../../wasm/match.ts";
import { interleave } from "../measure.ts";
import type { Report } from "../report.ts";
import type { Field } from "./peers.ts";

/** Adding a template and removing it again, in a gallery of this size. */
export async function measureUpkeep(
  report: Report,
  gallery: Gallery,
  field: Field,
): Promise<void> {
  const { dim, rows, templates } = field;
  const template = templates.slice(0, dim);
  const map = new Map<string, Float32Array>();
  const times = await interleave({
    gallery: () => {
      gallery.add("newcomer", template);
      gallery.remove("newcomer");
    },
    map: () => {
      map.set("newcomer", template.slice());
      map.get("newcomer")!.fill(0);
      map.delete("newcomer");
    },
  }, { rounds: 21, sample_ms: 5, processor: true });
  report.time(
    "kernel/upkeep",
    `add and remove at ${rows} x ${dim}`,
    times.gallery,
    "a copy in a Map",
    times.map,
  );
}

/** The heap over a million searches: what each leaves behind, and what stays after collection. */
export function measureGarbage(
  report: Report,
  gallery: Gallery,
  field: Field,
): void {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) {
    throw new Error("run with --v8-flags=--expose-gc to see the heap");
  }
  const { k, probes } = field;
  const options = { k };
  const used = () => Deno.memoryUsage().heapUsed;
  const searches = (count: number) => {
    for (let turn = 0; turn < count; turn++) {
      gallery.search(probes[turn % 16]!, options);
    }
  };
  searches(50_000);
  collect();
  const before = used();
  // Few enough that no collection happens in between.
  searches(2_000);
  const each = (used() - before) / 2_000;
  // The result itself, made as a search makes it.
  const kept: unknown[] = new Array(2_000);
  collect();
  const start = used();
  for (let turn = 0; turn < kept.length; turn++) kept[turn] = result(k, turn);
  const least = (used() - start) / kept.length;
  collect();
  const settled = used();
  searches(1_000_000);
  collect();
  report.add({
    bench: "kernel/heap",
    case: `${field.rows} x ${field.dim}, one search`,
    value: each,
    unit: "bytes",
    baseline: "its result",
    baseline_value: least,
    ratio: least / each,
  });
  report.value(
    "kernel/heap",
    "growth over 1 000 000 searches",
    used() - settled,
    "bytes",
  );
  if (kept.length === 0) {
    throw new Error("unreachable: keeps the results alive");
  }
}

function result(k: number, turn: number): { id: string; score: number }[] {
  const matches = [];
  for (let place = 0; place < k; place++) {
    matches.push({ id: "1", score: 1 / (turn + place + 3) });
  }
  return matches;
}
