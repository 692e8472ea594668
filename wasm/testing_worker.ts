/** The worker of a test: makes a gallery from the kernel it is sent, and tries to do without. */
import { WasmError } from "./errors.ts";
import { Gallery } from "./match.ts";
import { unitVector } from "./testing.ts";

self.onmessage = (event: MessageEvent<WebAssembly.Module>) => {
  const gallery = Gallery.create({ dim: 16, capacity: 1, kernel: event.data });
  gallery.add("visit-1", unitVector(16, 1));
  let without = "allowed";
  try {
    Gallery.create({ dim: 16, capacity: 1 });
  } catch (error) {
    without = error instanceof WasmError ? error.kind : String(error);
  }
  self.postMessage({
    found: gallery.search(unitVector(16, 1), { k: 1 }),
    without,
  });
};
