/**
 * Finds and compiles the kernels that `deno task wasm` builds. A module compiled here can be posted
 * to a Worker that has no permissions, and every gallery or picture desk makes its own instance of
 * it.
 */
import { WasmError } from "./errors.ts";

/** The kernels there are: each is `assembly/NAME.ts`, built to `NAME.wasm`. */
export const kernelNames = ["match", "image", "stream"] as const;
export type KernelName = typeof kernelNames[number];

const compiled = new Map<KernelName, WebAssembly.Module>();

/**
 * The compiled kernel, read once per process. Needs read permission for this folder.
 * Throws `WasmError` `kernel_missing` when it was not built.
 */
export function loadKernel(name: KernelName): WebAssembly.Module {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    // Not imported: a browser, which is handed its modules, has no such thing.
    // deno-lint-ignore no-process-global
    const { readFileSync } = process.getBuiltinModule("node:fs");
    bytes = new Uint8Array(readFileSync(new URL(`./${name}.wasm`, import.meta.url)));
  } catch (cause) {
    throw new WasmError(
      "kernel_missing",
      `the kernel wasm/${name}.wasm cannot be read: build it with \`deno task wasm\`, and allow ` +
        `reading it or hand the compiled module in`,
      { cause },
    );
  }
  const module = new WebAssembly.Module(bytes);
  compiled.set(name, module);
  return module;
}
