/** What each process of a store may touch, and nothing else. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { HardwareError } from "../../hardware/errors.ts";
import { libraries, libraryPath } from "../../hardware/ffi/libraries.ts";
import type { Config } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { librariesOf } from "./needs.ts";

/** Paths as the value of a flag. Throws `RuntimeError` of kind `config_invalid`. */
export function listed(paths: readonly string[]): string {
  const split = paths.find((path) => path.includes(","));
  if (split === undefined) return [...new Set(paths)].join(",");
  throw new RuntimeError(
    "config_invalid",
    `${split} has a comma in it, with which no permission can be given: use another folder`,
  );
}

/** The reference issuer: its port, its folder, and its own source. `pages`: it serves those for
 * shoppers, with models and scripts from wherever they lie. */
export function issuerPermissions(host: string, data: string, pages = false): string[] {
  const folder = listed([data]);
  return [
    `--allow-net=${host}`,
    pages ? "--allow-read" : `--allow-read=${folder}`,
    `--allow-write=${folder}`,
    "--ignore-env",
  ];
}

/**
 * Drivers call the system's libraries and read what these point at, for which Deno asks for the
 * right to all libraries. A library does whatever its user may do: the boundary is what the system
 * lets this user open, in any case. Throws `HardwareError` where one is not installed.
 */
function drivers(config: Config, find: typeof libraryPath): string[] {
  const needed = librariesOf(config);
  for (const name of needed) {
    if (find(name) !== undefined) continue;
    throw new HardwareError(
      "device_missing",
      `${name} is not on this machine, and the store's devices need it: install ${libraries[name]}`,
    );
  }
  return needed.length === 0 ? [] : ["--allow-ffi"];
}

/** Where a gateway listens, where its issuer does, and with whom a walk-out aisle speaks. */
export function hostsOf({ http: { host, port }, issuer, aisle }: Config): string {
  const name = host.includes(":") ? `[${host}]` : host;
  // The system chooses the port, and whoever plays the tills has yet to learn which.
  const listening = port === 0 ? name : `${name}:${port}`;
  const others = [issuer.url, aisle?.retailer.url, aisle?.mqtt?.url]
    .flatMap((url) => url === undefined ? [] : hostOf(url));
  return [listening, ...others].join(",");
}

/** Host and port of an address, with the port that its scheme implies. */
function hostOf(address: string): string {
  const { hostname, port, protocol } = new URL(address);
  const usual: Record<string, string> = {
    "http:": "80",
    "https:": "443",
    "mqtt:": "1883",
    "mqtts:": "8883",
  };
  return `${hostname}:${port || usual[protocol]}`;
}

/** The reference retailer: its port, its service and its folder. */
export function retailerPermissions(host: string, service: string, data: string): string[] {
  const folder = listed([data]);
  return [
    `--allow-net=${host},${hostOf(service)}`,
    `--allow-read=${folder}`,
    `--allow-write=${folder}`,
    "--ignore-env",
  ];
}

/** What its displays show. */
export function contentFiles({ content: { catalogue, files } }: Config): string[] {
  return catalogue === undefined ? [] : [catalogue, ...files];
}

/** A gateway: its port, its issuer, its folder, its models and the pictures it plays. */
export function gatewayPermissions(config: Config, root: string, find = libraryPath): string[] {
  const models = [config.perception.detector, config.perception.embedder]
    .filter((model) => model !== "drawn")
    // The sidecar may name a file beside it.
    .map((model) => resolve(model.replace(/^[a-z0-9-]{2,}:/, ""), ".."));
  const pictures = config.cameras.flatMap(({ device }) =>
    device.kind === "recorded" ? [device.folder] : []
  );
  const { aisle } = config;
  const keys = [
    config.http.pos_key_file,
    aisle?.retailer.key_file,
    aisle?.mqtt?.password_file,
  ].filter((file) => file !== undefined);
  // The networks' WebAssembly lies in the package's own folder.
  const inference = import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
  const shown = contentFiles(config);
  const own = [root, config.data, fileURLToPath(inference)];
  const read = [...own, ...models, ...pictures, ...keys, ...shown];
  // A native library may do what its user may, and lies wherever packages are kept: the wall
  // around reading is then none, and is not made to look like one.
  const reading = config.perception.backend === "node"
    ? ["--allow-ffi", "--allow-read"]
    : [`--allow-read=${listed(read)}`, ...drivers(config, find)];
  return [
    `--allow-net=${hostsOf(config)}`,
    ...reading,
    `--allow-write=${listed([config.data])}`,
    "--ignore-env",
  ];
}
