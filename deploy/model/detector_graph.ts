/**
 * The drawn detector as an ONNX graph: Gabor energies and colours of three sizes of the picture,
 * one small convolutional head that looks at each, answers in YuNet's names.
 */
import { gaborBank } from "./gabor.ts";
import { Graph } from "./onnx.ts";
import type { Layer, LayerShape } from "./network.ts";

/** Strides of the answers; each size of the picture is half the one before. */
export const strides = [8, 16, 32] as const;

/** Channels of the features, and how many of their places lie along a stride. */
export const feature_channels = 19, places_per_stride = 2;

/** An answer's channels: face, how well centred, then as YuNet has them: centre x and y, log
 * width and height, five points x and y. */
export const answers = 16;

/** The head: from features to one answer per stride. */
export const head_shapes: readonly LayerShape[] = [
  { kernel: 4, step: 2, inputs: feature_channels, outputs: 24 },
  { kernel: 3, step: 1, inputs: 24, outputs: 32 },
  { kernel: 3, step: 1, inputs: 32, outputs: 32 },
  { kernel: 3, step: 1, inputs: 32, outputs: 32 },
  { kernel: 1, step: 1, inputs: 32, outputs: answers },
];

/** Places that the head sees to each side of a stride's own, on the features' grid. */
export const reach = 7;

const bank = gaborBank({ side: 7, wavelengths: [4.5], orientations: 4 });

/** The graph that gives the features only, as `features_8`, `features_16`, `features_32`. */
export function featureModel(): Uint8Array<ArrayBuffer> {
  const graph = new Graph("drawn-detector-features");
  const levels = featureLevels(graph);
  levels.forEach((features, level) => {
    const name = strides[level]!;
    graph.output(features, `features_${name}`, [1, feature_channels, `h${name}`, `w${name}`]);
  });
  return graph.bytes();
}

/** The whole detector. Input `input`: 1 x 3 x H x W, BGR, 0..255, sides multiples of 32. */
export function detectorModel(head: readonly Layer[]): Uint8Array<ArrayBuffer> {
  const graph = new Graph("drawn-detector");
  const levels = featureLevels(graph);
  const apply = headOf(graph, head);
  levels.forEach((features, level) => apply(features, strides[level]!));
  return graph.bytes();
}

function featureLevels(graph: Graph): string[] {
  const input = graph.input("input", [1, 3, "height", "width"]);
  const halve = (value: string) =>
    graph.node("AveragePool", [value], { kernel_shape: [2, 2], strides: [2, 2] });
  // Luma and the two colour differences (BT.601), from B, G, R.
  const mixing = graph.constant(
    [3, 3, 1, 1],
    [
      ...[0.114, 0.587, 0.299],
      ...[-0.114, -0.587, 0.701],
      ...[0.886, -0.587, -0.299],
    ].map((weight) => weight / 255),
  );
  const weights = graph.constant([bank.count, 1, bank.side, bank.side], bank.weights);
  let level = graph.node("Conv", [halve(input), mixing]);
  const features: string[] = [];
  for (let i = 0; i < strides.length; i++) {
    if (i > 0) level = halve(level);
    features.push(featuresOf(graph, level, weights));
  }
  return features;
}

/** Answers of the bank by sign, against the energy around them; luma and colour differences
 * against the brightness around them. */
function featuresOf(graph: Graph, level: string, bank_weights: string): string {
  const around = (value: string) =>
    graph.node("AveragePool", [value], {
      kernel_shape: [9, 9],
      pads: [4, 4, 4, 4],
      count_include_pad: 0,
    });
  const halve = (value: string) =>
    graph.node("AveragePool", [value], { kernel_shape: [2, 2], strides: [2, 2] });
  const [zero, one] = [0, 1].map((n) => graph.constant([1], [n], "int64"));
  const first = (value: string) => graph.node("Slice", [value, zero!, one!, one!]);
  const waves = graph.node("Conv", [first(level), bank_weights], { pads: [3, 3, 3, 3] });
  const signs = graph.node("Concat", [waves, graph.node("Neg", [waves])], { axis: 1 });
  const energies = halve(graph.node("Relu", [signs]));
  const total = graph.node("ReduceMean", [energies], { axes: [1], keepdims: 1 });
  const nearby = graph.node("Add", [around(total), graph.scalar(0.002)]);
  const contrast = graph.node("Sqrt", [graph.node("Div", [energies, nearby])]);
  const colours = halve(level);
  const lit = graph.node("Add", [around(first(colours)), graph.scalar(0.1)]);
  const even = graph.constant([1, 3, 1, 1], [1, 0, 0]);
  const relative = graph.node("Sub", [graph.node("Div", [colours, lit]), even]);
  return graph.node("Concat", [contrast, relative], { axis: 1 });
}

/** Lays the head's weights into the graph once; the result applies it to one level. */
function headOf(
  graph: Graph,
  head: readonly Layer[],
): (features: string, stride: number) => void {
  const layers = head.slice(0, -1).map((layer) => {
    const { kernel, inputs, outputs, bias } = layer;
    const shape = [outputs, inputs, kernel, kernel];
    const weights = graph.constant(shape, convolution(layer, 0, outputs), "float16");
    const parameters = [weights, graph.constant([outputs], bias)];
    return (value: string) =>
      graph.node("Relu", [
        graph.node("Conv", [value, ...parameters], { strides: [layer.step, layer.step] }),
      ]);
  });
  const last = head.at(-1)!;
  const answer = (from: number, count: number) => {
    const weights = graph.constant([count, last.inputs, 1, 1], convolution(last, from, count));
    const bias = graph.constant([count], last.bias.subarray(from, from + count));
    return (value: string) => graph.node("Conv", [value, weights, bias]);
  };
  const [face, centred] = [answer(0, 1), answer(1, 1)];
  const [box, points] = [answer(2, 4), answer(6, 10)];
  const pads = graph.constant([8], [0, 0, reach, reach, 0, 0, reach, reach], "int64");
  return (features, stride) => {
    // Zeros go round the features once: the head was trained on windows made the same way.
    const padded = graph.node("Pad", [features, pads]);
    const seen = layers.reduce((value, layer) => layer(value), padded);
    const rows = (value: string, name: string, count: number) => {
      const channels_last = graph.node("Transpose", [value], { perm: [0, 2, 3, 1] });
      const flat = graph.constant([3], [1, -1, count], "int64");
      const list = graph.node("Reshape", [channels_last, flat]);
      graph.output(list, `${name}_${stride}`, [1, `cells_${stride}`, count]);
    };
    rows(graph.node("Sigmoid", [face(seen)]), "cls", 1);
    rows(graph.node("Sigmoid", [centred(seen)]), "obj", 1);
    rows(box(seen), "bbox", 4);
    rows(points(seen), "kps", 10);
  };
}

/** Some outputs of a layer as a convolution's weights: output, input, row, column. */
function convolution({ kernel, inputs, outputs, weights }: Layer, from: number, count: number) {
  const area = kernel * kernel;
  const turned = new Float32Array(count * inputs * area);
  for (let output = 0; output < count; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let place = 0; place < area; place++) {
        const at = (place * inputs + input) * outputs + from + output;
        turned[(output * inputs + input) * area + place] = weights[at]!;
      }
    }
  }
  return turned;
}
