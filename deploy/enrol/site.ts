/**
 * What the enrolment pages are made of, read once and served from memory under `/enrol/`: pages,
 * scripts, both models with their sidecars, and the WebAssembly that runs them. Nothing of it is
 * fetched from anywhere else.
 */
import { RuntimeError } from "../../runtime/errors.ts";
import { loadModel } from "../../runtime/perception/spawn.ts";

export interface SiteModels {
  /** `SIDECAR.json` or `PRESET:FILE.onnx`. */
  readonly detector: string;
  readonly embedder: string;
}

/** Answers what lies under `/enrol`; undefined for everything else. */
export type Site = (request: Request) => Response | undefined;

interface File {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const html = "text/html; charset=utf-8";
const css = "text/css; charset=utf-8";
const js = "text/javascript; charset=utf-8";
const json = "application/json";
const wasm = "application/wasm";
const onnx = "application/octet-stream";

/** Scripts, pictures and connections from here alone; WebAssembly may be compiled. */
const headers = {
  "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; " +
    "style-src 'self'; connect-src 'self'; worker-src 'self'; media-src 'self' blob:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "permissions-policy": "camera=(self), microphone=(self)",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
} as const;

/** Where people go. */
const pages = ["/enrol/", "/enrol/voice/", "/enrol/phone/"];
const nothing = `There is nothing here; the pages are ${pages.join(", ")}\n`;

/** Throws `RuntimeError`: `model_invalid` as `loadModel`, `usage` when a script was not built. */
export async function enrolSite(models: SiteModels): Promise<Site> {
  const detector = await loadModel("detector", models.detector);
  const embedder = await loadModel("embedder", models.embedder);
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const files: Readonly<Record<string, File>> = {
    "/enrol/": { type: html, bytes: await ownFile("page.html") },
    "/enrol/page.css": { type: css, bytes: await ownFile("page.css") },
    "/enrol/page.js": { type: js, bytes: await ownFile("page.js") },
    "/enrol/voice/": { type: html, bytes: await ownFile("voice.html") },
    "/enrol/voice.js": { type: js, bytes: await ownFile("voice.js") },
    "/enrol/tap.js": { type: js, bytes: await ownFile("tap.js") },
    "/enrol/phone/": { type: html, bytes: await ownFile("pocket.html") },
    "/enrol/pocket.js": { type: js, bytes: await ownFile("pocket.js") },
    "/enrol/pocket.css": { type: css, bytes: await ownFile("pocket.css") },
    "/enrol/stages.js": { type: js, bytes: await ownFile("stages.js") },
    "/enrol/desk.js": { type: js, bytes: await ownFile("desk.js") },
    "/enrol/device.js": { type: js, bytes: await ownFile("device.js") },
    // Bundled, under the names of their sources.
    "/enrol/shopper.ts": { type: js, bytes: await ownFile("../../.cache/enrol/shopper.js") },
    "/enrol/ear.ts": { type: js, bytes: await ownFile("../../.cache/enrol/ear.js") },
    "/enrol/eye.ts": { type: js, bytes: await ownFile("../../.cache/enrol/eye.js") },
    "/enrol/detector.json": { type: json, bytes: text(detector.sidecar) },
    "/enrol/embedder.json": { type: json, bytes: text(embedder.sidecar) },
    "/enrol/detector.onnx": { type: onnx, bytes: detector.bytes },
    "/enrol/embedder.onnx": { type: onnx, bytes: embedder.bytes },
    "/enrol/image.wasm": { type: wasm, bytes: await ownFile("../../wasm/image.wasm") },
    "/enrol/onnxruntime.wasm": {
      type: wasm,
      bytes: await Deno.readFile(
        new URL(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")),
      ),
    },
  };
  return (request) => answer(files, request);
}

function answer(files: Readonly<Record<string, File>>, request: Request): Response | undefined {
  const { pathname } = new URL(request.url);
  const page = `${pathname}/`;
  if (pages.includes(page)) {
    return new Response(null, { status: 308, headers: { ...headers, location: page } });
  }
  if (!pathname.startsWith("/enrol/")) return undefined;
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response(null, { status: 405, headers: { ...headers, allow: "GET, HEAD" } });
  }
  const file = Object.hasOwn(files, pathname) ? files[pathname] : undefined;
  if (file === undefined) return new Response(nothing, { status: 404, headers });
  const { type, bytes } = file;
  return new Response(request.method === "HEAD" ? null : bytes, {
    headers: { ...headers, "content-type": type, "content-length": String(bytes.length) },
  });
}

async function ownFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(new URL(name, import.meta.url));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const task = name.endsWith(".wasm") ? "wasm" : "pages";
    throw new RuntimeError(
      "usage",
      `the enrolment page lacks ${name}: build it with \`deno task ${task}\``,
    );
  }
}
