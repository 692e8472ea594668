/** Where the program of Restate's npm package is: each kind of machine has a package of its own. */
import { fileURLToPath } from "node:url";

const machines: Readonly<Record<string, string>> = {
  "x86_64 linux": "linux-x64",
  "aarch64 linux": "linux-arm64",
  "x86_64 darwin": "darwin-x64",
  "aarch64 darwin": "darwin-arm64",
};

/** A path in the package cache, beside the package that the benches' configuration names. */
export function restateServer(): string {
  const machine = machines[`${Deno.build.arch} ${Deno.build.os}`];
  if (machine === undefined) throw new Error("Restate has no server for this kind of machine");
  const main = import.meta.resolve("@restatedev/restate-server");
  const found = /^(.*\/restate-server)\/([^/]+)\//.exec(main);
  if (!found) throw new Error(`no package of Restate's server at ${main}`);
  return fileURLToPath(`${found[1]}-${machine}/${found[2]}/bin/restate-server`);
}
