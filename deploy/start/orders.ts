/**
 * What the launcher tells the store's process over its standard input: one JSON line, since a key
 * has no business among arguments or in the environment. The end of that input means: stop.
 */
import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { type Config, parseConfig } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { StartOptions } from "./options.ts";

/** Orders for a store's process; `config` is checked again by the receiver. */
export interface Orders {
  readonly config: Config;
  readonly seed: number;
  readonly for_ms?: number;
  /** Registers the store at an issuer that does not know it. Secret. */
  readonly admin_key?: string;
  /** With which the store's retailer signs, where one was started beside it; public. */
  readonly retailer_key?: string;
}

const orders = z.strictObject({
  config: z.unknown(),
  seed: z.int().min(0),
  for_ms: z.int().min(1).optional(),
  admin_key: z.string().max(400).optional(),
  retailer_key: z.string().max(100).optional(),
});

export function readOrders(line: string): Orders {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new RuntimeError("usage", "this program is started by `deno task start`");
  }
  const { config, seed, for_ms, admin_key, retailer_key } = orders.parse(json);
  return {
    config: parseConfig(config),
    seed,
    ...(for_ms === undefined ? {} : { for_ms }),
    ...(admin_key === undefined ? {} : { admin_key }),
    ...(retailer_key === undefined ? {} : { retailer_key }),
  };
}

/** A store where pictures are played, for trying real faces and models. */
const recordedStore = "deploy/store.recorded.json";
export const exampleStore = "deploy/store.example.json";

/** The configuration that the flags ask for. Relative paths in flags are of the working folder. */
export function configFor(
  options: StartOptions,
  paths: { root: string; cwd: string; readText: (path: string) => string },
): Config {
  const fallback = options.recorded === undefined ? exampleStore : recordedStore;
  const file = options.config === undefined
    ? resolve(paths.root, fallback)
    : resolve(paths.cwd, options.config);
  let text: string;
  try {
    text = paths.readText(file);
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unreadable";
    throw new RuntimeError("config_invalid", `cannot read ${file} (${reason}): check --config`);
  }
  const written = json(text, file);
  return parseConfig(overridden(written, options, paths.cwd), { folder: resolve(file, "..") });
}

function json(text: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { ...value };
    }
  } catch {
    // The configuration's own reader names the place.
  }
  parseConfig(text);
  throw new RuntimeError("config_invalid", `${file} does not hold a JSON object`);
}

/** Flags win over the file; the result is checked like any other configuration. */
function overridden(
  written: Record<string, unknown>,
  options: StartOptions,
  cwd: string,
): Record<string, unknown> {
  const merge = (key: string, change: Record<string, unknown>) => {
    const present = written[key];
    const old = typeof present === "object" && present !== null ? present : {};
    written = { ...written, [key]: { ...old, ...change } };
  };
  if (options.data !== undefined) written = { ...written, data: resolve(cwd, options.data) };
  if (options.port !== undefined) merge("http", { port: options.port });
  if (options.issuer !== undefined) merge("issuer", { url: options.issuer });
  if (options.detector !== undefined) {
    merge("perception", { detector: modelPath(options.detector, cwd) });
  }
  if (options.embedder !== undefined) {
    merge("perception", { embedder: modelPath(options.embedder, cwd) });
  }
  if (options.recorded !== undefined) {
    const device = { kind: "recorded", folder: resolve(cwd, options.recorded) };
    const { cameras } = written;
    written = {
      ...written,
      cameras: Array.isArray(cameras) ? cameras.map((camera) => ({ ...camera, device })) : cameras,
    };
  }
  return written;
}

/** `yunet:face.onnx` and `face.json` alike, made absolute. */
function modelPath(source: string, cwd: string): string {
  const [, preset = "", file = ""] = /^([a-z0-9-]{2,}:)?(.*)$/s.exec(source) ?? [];
  return preset + (isAbsolute(file) ? file : resolve(cwd, file));
}
