/**
 * The benches have a configuration of their own, so that peers stay out of the product's; what both
 * name must be the same, or the benches would measure something else.
 */
import assert from "node:assert/strict";
import { chart } from "./chart.ts";
import { interleave, median } from "./measure.ts";
import { Report } from "./report.ts";

const read = (path: string) =>
  JSON.parse(Deno.readTextFileSync(new URL(path, import.meta.url))) as {
    imports: Record<string, string>;
    compilerOptions: unknown;
  };

Deno.test("the benches run the packages and the language that the product runs", () => {
  const product = read("../../deno.json"), bench = read("./deno.json");
  for (const [name, version] of Object.entries(product.imports)) {
    assert.equal(bench.imports[name], version, `${name}: copy it to deploy/bench/deno.json`);
  }
  assert.deepEqual(bench.compilerOptions, product.compilerOptions);
});

Deno.test("a time below its baseline is a ratio above 1, in the line and in the chart", () => {
  const lines: string[] = [];
  const report = new Report((line) => lines.push(line));
  report.time("kernel/search", "200 x 512 <&", 2, "a peer", 5);
  assert.deepEqual(JSON.parse(lines[0]!), {
    bench: "kernel/search",
    case: "200 x 512 <&",
    value: 2,
    unit: "us",
    baseline: "a peer",
    baseline_value: 5,
    ratio: 2.5,
  });
  const drawn = chart(report.rows, "a machine");
  assert.match(drawn, /2\.5x/);
  assert.match(drawn, /200 x 512 &lt;&amp;, a peer/);
});

Deno.test("things are timed in turn, those that answer later too", async () => {
  const order: string[] = [];
  const times = await interleave({
    now: () => order.push("now"),
    later: async () => {
      await Promise.resolve();
      order.push("later");
    },
  }, { rounds: 3, sample_ms: 0 });
  assert.ok(times.now >= 0 && times.later >= 0);
  assert.equal(order.slice(-2).join(), "now,later");
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});
