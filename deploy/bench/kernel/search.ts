/**
 * Times `search` and `searchBatch` against the peers, and prints how much of the true answer each
 * peer finds. What is timed of the gallery is the call from TypeScript, with all that it includes.
 */
import { loadKernel } from "../../../wasm/kernels.ts";
import type { Gallery } from "../../../wasm/match.ts";
import { type Action, interleave, type Measuring } from "../measure.ts";
import type { Report } from "../report.ts";
import { hnswlibPeer, nameOfRead, nativeReads } from "./native.ts";
import { onnxPeer } from "./onnx_peer.ts";
import { type Field, type Peer, plainLoop, usearchExact, usearchHnsw } from "./peers.ts";

/** One probe at a time, against every peer that can take the size. */
export async function measureSearch(
  report: Report,
  gallery: Gallery,
  field: Field,
  allPeers: boolean,
): Promise<void> {
  const { k, probes } = field;
  const exact = await usearchExact(field);
  const peers: Peer[] = [exact.f32, exact.i8];
  if (allPeers) {
    peers.push(
      plainLoop(field),
      await onnxPeer(field),
      await usearchHnsw(field),
    );
    const hnswlib = hnswlibPeer(field);
    if (hnswlib !== undefined) peers.push(hnswlib);
  }
  const name = nameOf(field);
  for (const peer of peers) {
    report.add({
      bench: "kernel/recall",
      case: name,
      value: 1,
      unit: `recall@${k}`,
      baseline: peer.name,
      ...await recallOf(peer, gallery, field),
    });
  }
  const actions: Record<string, Action> = {
    gallery: (turn) => gallery.search(probes[turn % probes.length]!, { k }),
  };
  for (const peer of peers) actions[peer.name] = (turn) => peer.search(turn);
  const times = await interleave(actions, measuringFor(field));
  for (const peer of peers) {
    report.time(
      "kernel/search",
      name,
      times["gallery"]!,
      peer.name,
      times[peer.name]!,
    );
  }
  for (const peer of peers) await peer.close?.();
}

/** Sixteen probes at once. */
export async function measureBatch(
  report: Report,
  gallery: Gallery,
  field: Field,
): Promise<void> {
  const { k, probes } = field;
  const { batch } = await usearchExact(field);
  const times = await interleave({
    gallery: () => gallery.searchBatch(probes, { k }),
    singly: () => probes.map((probe) => gallery.search(probe, { k })),
    peer: (turn) => batch.search(turn),
  }, measuringFor(field));
  const name = `${nameOf(field)}, 16 probes`;
  report.time("kernel/batch", name, times.gallery, batch.name, times.peer);
  report.time(
    "kernel/batch",
    name,
    times.gallery,
    "16 single searches",
    times.singly,
  );
}

/**
 * The scan, and a whole search, beside plain reads of as many bytes: the fastest of several ways to
 * read, from WebAssembly and from C. The scan alone is a search whose threshold no score reaches,
 * so that nothing is chosen or scored.
 */
export async function measureStreaming(
  report: Report,
  gallery: Gallery,
  field: Field,
): Promise<void> {
  const { dim, rows, k, probes } = field;
  // Codes of one byte a value, and three words for each template.
  const bytes = Math.ceil(rows / 16) * 16 * (dim + 12);
  const stream = new WebAssembly.Instance(loadKernel("stream")).exports as {
    reserve(bytes: number): number;
    read(bytes: number, streams: number): number;
  };
  if (stream.reserve(bytes) === 0) {
    throw new Error(`no memory for ${bytes} bytes to read`);
  }
  const probe = (turn: number) => probes[turn % probes.length]!;
  const own: Record<string, Action> = {
    "the scan": (turn) => gallery.search(probe(turn), { k, threshold: 1.1 }),
    "a whole search": (turn) => gallery.search(probe(turn), { k }),
  };
  const reads: Record<string, Action> = { ...nativeReads(new Uint8Array(bytes).fill(1)) };
  for (const streams of [1, 2]) {
    reads[`WebAssembly, ${nameOfRead(streams)}, pages touched ahead`] = () =>
      stream.read(bytes, streams);
  }
  const times = await interleave({ ...own, ...reads }, {
    rounds: 41,
    sample_ms: 12,
    processor: true,
  });
  const speed = (time_us: number) => bytes / time_us / 1000;
  for (const name of Object.keys(own)) {
    for (const read of Object.keys(reads)) {
      report.add({
        bench: "kernel/streaming",
        case: `${nameOf(field)}, ${name}`,
        value: speed(times[name]!),
        unit: "GB/s",
        baseline: `reading as many bytes: ${read}`,
        baseline_value: speed(times[read]!),
        ratio: times[read]! / times[name]!,
      });
    }
  }
}

/** Share of the exact answer that a peer finds: the baseline's side of a row. */
async function recallOf(
  peer: Peer,
  gallery: Gallery,
  field: Field,
): Promise<{ baseline_value: number; ratio: number }> {
  let found = 0;
  for (const [turn, probe] of field.probes.entries()) {
    const truth = new Set(
      gallery.search(probe, { k: field.k }).map((match) => Number(match.id)),
    );
    found += (await peer.search(turn)).filter((row) => truth.has(row)).length;
  }
  const recall = found / (field.probes.length * field.k);
  return { baseline_value: recall, ratio: recall === 0 ? 0 : 1 / recall };
}

function nameOf({ rows, dim }: Field): string {
  return `${rows} x ${dim}`;
}

/** More and longer samples where they are cheap. */
function measuringFor({ rows }: Field): Measuring {
  const processor = true;
  return rows > 100_000
    ? { rounds: 9, sample_ms: 15, processor }
    : { rounds: 31, sample_ms: 12, processor };
}
