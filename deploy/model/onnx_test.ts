/** The ONNX writer against the runtime that reads its files, and its half floats. */
import assert from "node:assert/strict";
import { Graph, halfBits } from "./onnx.ts";
import { openModel } from "./session.ts";

/** The model runtime keeps a message port of its own for as long as the process lives. */
const kept_port = { sanitizeResources: false };

Deno.test("a written graph is read and computed by the runtime", kept_port, async () => {
  const graph = new Graph("test");
  const x = graph.input("x", ["rows", 2]);
  const weights = graph.constant([2, 3], [1, 2, 3, 4, 5, 6.5], "float16");
  const product = graph.node("Gemm", [x, weights, graph.scalar(-10)], { alpha: { float: 2 } });
  graph.output(graph.node("Relu", [product]), "y", ["rows", 3]);
  const model = await openModel(graph.bytes());
  const { y } = await model.run({ x: { shape: [1, 2], values: Float32Array.of(1, 1) } });
  assert.deepEqual(y, { shape: [1, 3], values: Float32Array.of(0, 4, 9) });
  await model.release();
});

Deno.test("the same graph is the same bytes", () => {
  const make = () => {
    const graph = new Graph("same");
    const input = graph.input("x", [1]);
    graph.output(graph.node("Add", [input, graph.scalar(1)]), "y", [1]);
    return graph.bytes();
  };
  assert.deepEqual(make(), make());
});

Deno.test("half floats agree with the language's own, but for ties", () => {
  const halves = new Float16Array(1);
  const bits = new Uint16Array(halves.buffer);
  for (let i = -2000; i <= 2000; i++) {
    const value = Math.sign(i) * Math.exp(Math.abs(i) / 100 - 12) * 1.0003;
    halves[0] = Math.max(-65504, Math.min(65504, value));
    assert.equal(halfBits(value), bits[0], `${value}`);
  }
  assert.equal(halfBits(0), 0);
  assert.equal(halfBits(1e9), 0x7bff);
});
