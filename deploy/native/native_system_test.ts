/** Native networks say what those of WebAssembly say, to the last faces and nearly the last bit. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("both runtimes find the same faces and make the same embeddings", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "backends"],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.match(said, /^both +[\d.]+ ms +[\d.]+ ms +[\d.]+ times$/m);
  assert.match(said, /; 0 of 12 pictures with another number of faces;/);
  const least = Number(/at least ([\d.]+)/.exec(said)?.[1]);
  assert.ok(least > 0.9999, said);
  console.log(said);
});
