/**
 * The drawn embedder as an ONNX graph: Gabor energies and colours of an aligned crop, pooled to a
 * coarse grid, then one linear map to a unit vector.
 */
import { gaborBank } from "./gabor.ts";
import { Graph } from "./onnx.ts";

/** Numbers of a template. */
export const dim = 64;

/** Side of the crop. */
export const side = 112;

/** A linear map from features to the template: `dim` x features, and the features' origin. */
export interface Projection {
  readonly features: number;
  readonly rows: Float32Array;
  readonly bias: Float32Array;
}

const bank = gaborBank({ side: 9, wavelengths: [4, 7.5], orientations: 4 });

/** The graph that gives the features only, as `features`, of a batch of crops. */
export function featureModel(): Uint8Array<ArrayBuffer> {
  const graph = new Graph("drawn-embedder-features");
  graph.output(featuresOf(graph), "features", ["batch", "features"]);
  return graph.bytes();
}

/** The whole embedder. Input `input`: N x 3 x 112 x 112, RGB, (value - 127.5) / 127.5. */
export function embedderModel(projection: Projection): Uint8Array<ArrayBuffer> {
  const graph = new Graph("drawn-embedder");
  const features = featuresOf(graph);
  const rows = graph.constant([dim, projection.features], projection.rows, "float16");
  const bias = graph.constant([dim], projection.bias);
  const mapped = graph.node("Gemm", [features, rows, bias], { transB: 1 });
  const length = graph.node("ReduceL2", [mapped], { axes: [1], keepdims: 1 });
  graph.output(graph.node("Div", [mapped, length]), "embedding", ["batch", dim]);
  return graph.bytes();
}

function featuresOf(graph: Graph): string {
  const input = graph.input("input", ["batch", 3, side, side]);
  const halved = graph.node("AveragePool", [input], { kernel_shape: [2, 2], strides: [2, 2] });
  // Luma and colour differences (BT.601) from R, G, B in -1..1; luma comes out in 0..1.
  const mixing = graph.constant(
    [3, 3, 1, 1],
    [
      ...[0.299, 0.587, 0.114],
      ...[0.701, -0.587, -0.114],
      ...[-0.299, -0.587, 0.886],
    ].map((weight) => weight / 2),
  );
  const level = graph.node("Conv", [halved, mixing, graph.constant([3], [0.5, 0, 0])]);
  const slice = (value: string, from: number, to: number) => {
    const [first, last, axis] = [from, to, 1].map((n) => graph.constant([1], [n], "int64"));
    return graph.node("Slice", [value, first!, last!, axis!]);
  };
  const pool = (value: string, kernel: number, step: number, pad: number) =>
    graph.node("AveragePool", [value], {
      kernel_shape: [kernel, kernel],
      strides: [step, step],
      pads: [pad, pad, pad, pad],
      count_include_pad: 0,
    });
  const weights = graph.constant([bank.count, 1, bank.side, bank.side], bank.weights);
  const pad = (bank.side - 1) / 2;
  const waves = graph.node("Conv", [slice(level, 0, 1), weights], { pads: [pad, pad, pad, pad] });
  // Energies over the grid, against the energy all around.
  const energies = pool(graph.node("Abs", [waves]), 9, 5, 0);
  const total = graph.node("ReduceMean", [energies], { axes: [1], keepdims: 1 });
  const around = graph.node("Add", [pool(total, 5, 1, 2), graph.scalar(0.002)]);
  const contrast = graph.node("Sqrt", [graph.node("Div", [energies, around])]);
  // Luma and colours over the same grid, against the brightness of the whole crop.
  const colours = pool(level, 7, 5, 0);
  const bright = graph.node("ReduceMean", [slice(level, 0, 1)], { axes: [2, 3], keepdims: 1 });
  const lit = graph.node("Add", [bright, graph.scalar(0.05)]);
  const relative = graph.node("Div", [colours, lit]);
  const both = graph.node("Concat", [contrast, relative], { axis: 1 });
  return graph.node("Flatten", [both], { axis: 1 });
}
