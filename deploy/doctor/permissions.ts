/** What the doctor may touch: what the store's configuration names, and nothing else. */
import { libraryPath } from "../../hardware/ffi/libraries.ts";
import type { Config } from "../../runtime/config.ts";
import { isReal, librariesOf } from "../start/needs.ts";
import { hostsOf, listed } from "../start/permissions.ts";
import { installedPaths } from "./installed.ts";

/** Throws `RuntimeError` of kind `config_invalid` for paths that no permission can name. */
export function doctorPermissions(config: Config, find = libraryPath): string[] {
  // One that is not there is a finding, not a reason to look at nothing.
  const wanted = [...librariesOf(config), ...isReal(config) ? ["libasound.so.2" as const] : []];
  const libraries = wanted.flatMap((name) => find(name) ?? []);
  const models = [config.perception.detector, config.perception.embedder]
    .filter((model) => model !== "drawn")
    .map((model) => model.replace(/^[a-z0-9-]{2,}:/, ""));
  return [
    `--allow-net=${hostsOf(config)}`,
    `--allow-read=${listed([config.data, ...models, ...libraries, ...installedPaths(config)])}`,
    `--allow-write=${listed([config.data])}`,
    ...libraries.length === 0 ? [] : ["--allow-ffi"],
    // Whose groups they are that open the devices.
    ...isReal(config) ? ["--allow-sys=uid", "--allow-run=id"] : [],
  ];
}
