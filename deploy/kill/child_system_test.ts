/** How the end of a process is told: killed by its test, ended in its own words, or crashed. */
import assert from "node:assert/strict";
import { bear, type End } from "./child.ts";

const endOf = (script: string, permissions: readonly string[] = []): Promise<End> =>
  bear({ script: `data:text/javascript,${encodeURIComponent(script)}`, permissions, heard() {} })
    .ended;

Deno.test("a process that ends in its own words is no crash", async () => {
  const { byItself, signal, last_words } = await endOf(`console.error("no disk"); Deno.exit(1)`);
  assert.deepEqual({ byItself, signal, last_words }, {
    byItself: true,
    signal: null,
    last_words: "no disk",
  });
});

Deno.test("one that a signal ends has crashed, and the signal is named", async () => {
  const end = await endOf(`Deno.kill(Deno.pid, "SIGABRT")`, ["--allow-run"]);
  assert.deepEqual([end.byItself, end.signal], [true, "SIGABRT"]);
});

Deno.test("one that is killed on purpose is neither", async () => {
  const script = `data:text/javascript,${encodeURIComponent("setInterval(() => {}, 1000)")}`;
  const process = bear({ script, permissions: [], heard() {} });
  await process.kill();
  assert.equal((await process.ended).byItself, false);
});
