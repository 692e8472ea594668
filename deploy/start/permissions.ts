/** What each process of a store may touch, and nothing else. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../runtime/config.ts";

/** The reference issuer: its port, its folder, and its own source. */
export function issuerPermissions(host: string, data: string): string[] {
  return [`--allow-net=${host}`, `--allow-read=${data}`, `--allow-write=${data}`, "--ignore-env"];
}

/** A gateway: its port, its issuer, its folder, its models and the pictures it plays. */
export function gatewayPermissions(config: Config, root: string): string[] {
  const { host, port } = config.http;
  const issuer = new URL(config.issuer.url);
  const issuerPort = issuer.port || (issuer.protocol === "https:" ? "443" : "80");
  const models = [config.perception.detector, config.perception.embedder]
    .filter((model) => model !== "drawn")
    // The sidecar may name a file beside it.
    .map((model) => resolve(model.replace(/^[a-z0-9-]{2,}:/, ""), ".."));
  const pictures = config.cameras.flatMap(({ device }) =>
    device.kind === "recorded" ? [device.folder] : []
  );
  const keys = config.http.pos_key_file === undefined ? [] : [config.http.pos_key_file];
  // The networks' WebAssembly lies in the package's own folder.
  const inference = import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
  const read = [root, config.data, ...models, ...pictures, ...keys, fileURLToPath(inference)];
  const listening = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  // A native library may do what its user may, and lies wherever packages are kept: the wall
  // around reading is then none, and is not made to look like one.
  const reading = config.perception.backend === "node"
    ? ["--allow-ffi", "--allow-read"]
    : [`--allow-read=${[...new Set(read)].join(",")}`];
  return [
    `--allow-net=${listening},${issuer.hostname}:${issuerPort}`,
    ...reading,
    `--allow-write=${config.data}`,
    "--ignore-env",
  ];
}
