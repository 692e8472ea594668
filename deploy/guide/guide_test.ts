/**
 * The guide works: an actor that is added as it says passes its own story and the tests that every
 * machine must pass. Those tests are registered here, from the copy that the guide was followed on.
 */
import assert from "node:assert/strict";
import { changed, follow, followAddAnActor, stepsOf } from "./guide.ts";

const step = { language: "diff", path: "a.ts" } as const;

Deno.test("a change finds its place, and only there", () => {
  assert.equal(changed("a\nb\nc\n", { ...step, text: " a\n-b\n+B\n+$&\n c\n" }), "a\nB\n$&\nc\n");
  assert.throws(() => changed("a\n", { ...step, text: "-b\n" }), /a\.ts holds .* 0 times/);
  assert.throws(() => changed("b b\n", { ...step, text: "-b\n" }), /2 times/);
});

Deno.test("a guide makes new files, changes old ones, and mixes up neither", () => {
  const steps = stepsOf(
    "Text\n\n```ts b.ts\nnew\n```\n\n```diff a.ts\n-old\n+now\n```\n\n```sh\nx\n```\n",
  );
  const files = follow(new Map([["a.ts", "old\n"]]), steps);
  assert.deepEqual([...files], [["a.ts", "now\n"], ["b.ts", "new\n"]]);
  assert.throws(() => follow(new Map([["b.ts", ""]]), steps), /b\.ts is there/);
  assert.throws(() => follow(new Map(), steps), /no a\.ts here/);
});

const copy = await followAddAnActor();
await import(new URL("actors/bell_test.ts", copy).href);
await import(new URL("actors/machines_test.ts", copy).href);
await Deno.remove(copy, { recursive: true });
