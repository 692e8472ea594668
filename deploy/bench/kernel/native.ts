/**
 * Peers that need a C compiler: hnswlib from the sources in its npm package, and a plain read of
 * memory. Where there is no compiler, the bench says so and goes on without them.
 */
import type { Field, Peer } from "./peers.ts";

const here = new URL("../native/", import.meta.url);
const cache = new URL("../../../.cache/bench/", import.meta.url);

/** Compiles one source to a shared library; undefined where that is not possible. */
function build(
  compiler: string,
  source: string,
  flags: readonly string[],
): string | undefined {
  Deno.mkdirSync(cache, { recursive: true });
  const library = new URL(`${source}.so`, cache).pathname;
  const file = new URL(source, here).pathname;
  try {
    const { success, stderr } = new Deno.Command(compiler, {
      args: [
        "-O3",
        "-march=native",
        "-shared",
        "-fPIC",
        ...flags,
        "-o",
        library,
        file,
      ],
      stdout: "null",
      stderr: "piped",
    }).outputSync();
    if (success) return library;
    console.error(
      `${source} left out: ${new TextDecoder().decode(stderr).split("\n")[0]}`,
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`${source} left out: there is no ${compiler}`);
  }
  return undefined;
}

/** hnswlib's index with its defaults (M 16, construction 200) and a search breadth of 64. */
export function hnswlibPeer(field: Field): Peer | undefined {
  const headers = new URL("../src/hnswlib/", import.meta.resolve("hnswlib-node")).pathname;
  const library = build("c++", "hnsw.cpp", [`-I${headers}`]);
  if (library === undefined) return undefined;
  const { symbols } = Deno.dlopen(
    library,
    {
      hnsw_build: {
        parameters: ["buffer", "usize", "usize"],
        result: "pointer",
      },
      hnsw_breadth: { parameters: ["pointer", "usize"], result: "void" },
      hnsw_search: {
        parameters: ["pointer", "buffer", "usize", "buffer"],
        result: "void",
      },
    } as const,
  );
  const { dim, rows, k, templates, probes } = field;
  const index = symbols.hnsw_build(templates, BigInt(rows), BigInt(dim));
  symbols.hnsw_breadth(index, 64n);
  const found = new Uint32Array(k);
  return {
    name: "hnswlib",
    search: (turn) => {
      symbols.hnsw_search(
        index,
        probes[turn % probes.length]!,
        BigInt(k),
        found,
      );
      return [...found];
    },
  };
}

/** Ways to read a buffer from C, by name; none where there is no compiler. */
export function nativeReads(
  buffer: Uint8Array<ArrayBuffer>,
): Readonly<Record<string, () => void>> {
  const library = build("cc", "stream.c", []);
  if (library === undefined) return {};
  const { symbols } = Deno.dlopen(
    library,
    {
      stream_read: { parameters: ["buffer", "usize", "i32", "i32"], result: "u64" },
    } as const,
  );
  const count = BigInt(buffer.length);
  const reads: Record<string, () => void> = {};
  for (const streams of [1, 2]) {
    for (const touched of [0, 1]) {
      const name = `C, ${nameOfRead(streams)}${touched === 1 ? ", pages touched ahead" : ""}`;
      reads[name] = () => {
        symbols.stream_read(buffer, count, streams, touched);
      };
    }
  }
  return reads;
}

/** How a bench says in how many streams memory is read. */
export function nameOfRead(streams: number): string {
  return streams === 1 ? "one stream" : "two streams";
}
