/**
 * Stores on native networks have a configuration of their own, so that nobody else fetches the
 * library; what it and the product's both name must be the same, or such stores run other code.
 */
import assert from "node:assert/strict";

const read = (path: string) =>
  JSON.parse(Deno.readTextFileSync(new URL(path, import.meta.url))) as {
    imports: Record<string, string>;
    compilerOptions: unknown;
    unstable: unknown;
  };

Deno.test("stores on native networks run the packages and the language of all others", () => {
  const product = read("../../deno.json"), native = read("./deno.json");
  const { "onnxruntime-node": added, ...common } = native.imports;
  assert.deepEqual(common, product.imports, "copy the imports to deploy/native/deno.json");
  assert.deepEqual(native.compilerOptions, product.compilerOptions);
  assert.deepEqual(native.unstable, product.unstable);
  // Both runtimes read the same models when they are of one release.
  assert.equal(added?.split("@").at(-1), product.imports["onnxruntime-web"]?.split("@").at(-1));
});
