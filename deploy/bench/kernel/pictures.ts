/**
 * Times pictures on their way to a network: the kernel beside its plain twin, at the sizes of a
 * lane's camera.
 */
import { PictureDesk, type SourcePicture, type TensorInput } from "../../../wasm/image.ts";
import { halve, sampled, type Sampling, toRgb } from "../../../wasm/image_twin.ts";
import { randomFrom } from "../../../wasm/testing.ts";
import { interleave } from "../measure.ts";
import type { Report } from "../report.ts";

const WIDTH = 640, HEIGHT = 480, SIDE = 112;
const input: TensorInput = {
  layout: "NCHW",
  order: "RGB",
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};
const measuring = { rounds: 15, sample_ms: 10, processor: true };

/** A frame to half its size, for each format, and one aligned crop. */
export async function measurePictures(report: Report): Promise<void> {
  const desk = PictureDesk.create();
  const small = { width: WIDTH / 2, height: HEIGHT / 2 };
  const shrunk = new Float32Array(small.width * small.height * 3);
  const whole: Sampling = { x: 0, y: 0, ux: 1, uy: 0, vx: 0, vy: 1, outside: "edge" };
  for (const format of ["YUYV", "NV12", "GREY"] as const) {
    const source = frame(format);
    const times = await interleave({
      kernel: () => {
        desk.load(source);
        desk.shrunk(small, small, input, shrunk);
      },
      twin: () => sampled(halve(toRgb(source)), small.width, small.height, small, whole, input),
    }, measuring);
    const name = `${format} ${WIDTH} x ${HEIGHT} to a tensor of ${small.width} x ${small.height}`;
    report.time("kernel/picture", name, times.kernel, "plain twin", times.twin);
  }
  const source = frame("YUYV");
  const picture = toRgb(source);
  desk.load(source);
  const crop = new Float32Array(SIDE * SIDE * 3);
  const turned: Sampling = {
    x: 200,
    y: 120,
    ux: 1.6,
    uy: 0.2,
    vx: -0.2,
    vy: 1.6,
    outside: "black",
  };
  const determinant = 1.6 ** 2 + 0.2 ** 2;
  const a = 1.6 / determinant, b = -0.2 / determinant;
  const forward = { a, b, tx: -a * 200 + b * 120, ty: -b * 200 - a * 120 };
  const times = await interleave({
    kernel: () => desk.crop(forward, SIDE, input, crop),
    twin: () => sampled(picture, SIDE, SIDE, { width: SIDE, height: SIDE }, turned, input),
  }, measuring);
  const name = `aligned crop of ${SIDE} x ${SIDE} to a tensor`;
  report.time("kernel/picture", name, times.kernel, "plain twin", times.twin);
}

function frame(format: SourcePicture["format"]): SourcePicture {
  const random = randomFrom(1);
  const stride = format === "YUYV" ? WIDTH * 2 : WIDTH;
  const data = new Uint8Array(stride * HEIGHT * 1.5).map(() => Math.floor(random() * 256));
  return { format, width: WIDTH, height: HEIGHT, stride, data };
}
