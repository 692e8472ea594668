/**
 * `deno task wasm`: builds the WebAssembly kernels from their AssemblyScript, when their sources
 * have changed. Tasks that need a kernel run it first.
 */
import { createHash } from "node:crypto";
import { kernelNames } from "../wasm/kernels.ts";

const folder = new URL("../wasm/", import.meta.url);
const sources = new URL("assembly/", folder);
/** Name of the custom section, last in each kernel, that holds the hash of what it was built
 * from. */
const SECTION = "built-from";

/** Explicit 64 pages at the start spare a check per access; 65 536 are the 4 GiB ceiling. */
const OPTIONS = [
  ..."--runtime stub -O3 --noAssert --uncheckedBehavior always".split(" "),
  ..."--enable simd,relaxed-simd --initialMemory 64 --maximumMemory 65536 --use abort=".split(" "),
];

/** Builds each kernel that is missing or stale; returns the names of those it built. */
async function ensureKernels(): Promise<string[]> {
  const files = new Map<string, string>();
  for (const entry of Deno.readDirSync(sources)) {
    if (entry.name.endsWith(".ts")) {
      files.set(entry.name, Deno.readTextFileSync(new URL(entry.name, sources)));
    }
  }
  const built: string[] = [];
  for (const name of kernelNames) {
    const hash = hashOf(name, files);
    if (isFresh(name, hash)) continue;
    const code = await compile(name, files);
    install(name, withSection(code, hash));
    built.push(name);
  }
  return built;
}

/** Hash of the options and of every source: small enough that finer tracking would not pay. */
function hashOf(name: string, files: ReadonlyMap<string, string>): Uint8Array {
  const hash = createHash("sha256").update([name, ...OPTIONS, compilerVersion()].join("\n"));
  for (const file of [...files.keys()].sort()) hash.update(`\n${file}\n${files.get(file)}`);
  return hash.digest();
}

/** The compiler's pinned version, wherever packages are kept: a service has a folder of its own. */
function compilerVersion(): string {
  const place = import.meta.resolve("assemblyscript");
  return /assemblyscript[/@](\d[^/]*)/.exec(place)?.[1] ?? place;
}

function isFresh(name: string, hash: Uint8Array): boolean {
  try {
    const bytes = Deno.readFileSync(new URL(`${name}.wasm`, folder));
    const tail = sectionOf(hash);
    const start = bytes.length - tail.length;
    return start > 0 && tail.every((byte, index) => bytes[start + index] === byte);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function compile(name: string, files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  // The compiler is large and seldom needed: loaded only here.
  const { default: asc } = await import("assemblyscript/asc");
  let binary: Uint8Array | undefined;
  const result = await asc.main([`${name}.ts`, "-o", `${name}.wasm`, ...OPTIONS], {
    readFile: (file) => files.get(file) ?? null,
    writeFile: (_file, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
  });
  if (result.error !== null || binary === undefined) {
    throw new Error(`wasm/assembly/${name}.ts does not compile:\n${result.stderr.toString()}`);
  }
  return binary;
}

/** A custom section with the hash, as the binary format lays it out (all lengths below 128). */
function sectionOf(hash: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode(SECTION);
  return new Uint8Array([0, 1 + label.length + hash.length, label.length, ...label, ...hash]);
}

function withSection(code: Uint8Array, hash: Uint8Array): Uint8Array {
  const section = sectionOf(hash);
  const whole = new Uint8Array(code.length + section.length);
  whole.set(code);
  whole.set(section, code.length);
  return whole;
}

/** Puts the kernel in place whole: another process may be reading or building it. */
function install(name: string, bytes: Uint8Array): void {
  const draft = new URL(`.${name}-${Deno.pid}.wasm`, folder);
  Deno.writeFileSync(draft, bytes);
  Deno.renameSync(draft, new URL(`${name}.wasm`, folder));
}

if (import.meta.main) {
  try {
    const built = await ensureKernels();
    console.log(built.length === 0 ? "kernels are up to date" : `built ${built.join(", ")}`);
  } catch (error) {
    // The compiler's own words say where; a stack trace of this file would not help.
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
