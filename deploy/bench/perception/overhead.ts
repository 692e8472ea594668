/**
 * What a camera's frame costs beside its two inferences: the recogniser of a lane is run as it is,
 * on a runtime that keeps the time; the rest is converting, fitting, aligning, judging, tracking
 * and matching.
 */
import type { Frame } from "../../../hardware/ports.ts";
import { drawScene } from "../../../hardware/simulated/scene.ts";
import { rgbToYuyv } from "../../../hardware/simulated/yuyv.ts";
import type { Inference } from "../../../runtime/perception/inference.ts";
import type { NetworkParts } from "../../../runtime/perception/networks.ts";
import { settingsOf } from "../../../runtime/perception/perception.ts";
import { Recogniser } from "../../../runtime/perception/recogniser.ts";
import { webInference } from "../../../runtime/perception/web_inference.ts";
import { unitVector } from "../../../wasm/testing.ts";
import { median, processor_us } from "../measure.ts";

/** Processor time of one frame, as medians, and how many faces the last one showed. */
export interface Overhead {
  readonly around_us: number;
  readonly inference_us: number;
  readonly faces: number;
}

export interface OverheadOptions {
  readonly width: number;
  readonly height: number;
  /** Width of the face before the camera. */
  readonly face_px: number;
  /** Templates in range. */
  readonly gallery: number;
  readonly frames: number;
}

/** Shows frames of one drawn person to a recogniser and tells where the time goes. */
export async function measureOverhead(
  parts: NetworkParts,
  options: OverheadOptions,
): Promise<Overhead> {
  const timed = new TimedInference(webInference(parts.runtime));
  const recogniser = await Recogniser.open(parts, settings, undefined, timed);
  for (let visit = 0; visit < options.gallery; visit++) {
    recogniser.admit(`visit-${visit}`, unitVector(recogniser.dim, visit));
  }
  const shown = Array.from({ length: 8 }, (_, turn) => frameOf(turn, options));
  const around: number[] = [], inference: number[] = [];
  let faces = 0;
  for (let turn = 0; turn < options.frames + WARM_UP; turn++) {
    timed.total_us = 0;
    const start_us = processor_us();
    const look = await recogniser.look(shown[turn % shown.length]!);
    const whole_us = processor_us() - start_us;
    faces = look.faces;
    if (turn < WARM_UP) continue;
    around.push(whole_us - timed.total_us);
    inference.push(timed.total_us);
  }
  recogniser.clear();
  return { around_us: median(around), inference_us: median(inference), faces };
}

/** Frames until everything is compiled and the track is as long as it gets. */
const WARM_UP = 40;

const settings = settingsOf(
  { threshold: 0.5, margin: 0.05, static_cosine: 0.998 },
  { id: "camera", origin: "simulated" },
  {},
);

/** Somebody at the pay position who moves a little, through a camera's YUYV. */
function frameOf(turn: number, { width, height, face_px }: OverheadOptions): Frame {
  const drawn = drawScene({
    width,
    height,
    background_seed: 5,
    light: { level: 1, side: 0.1, warmth: 0 },
    noise: 2,
    noise_seed: turn,
    people: [{
      identity: 7,
      x: width / 2 + 2 * Math.sin(turn),
      y: height / 2,
      size: face_px,
      yaw: 5 * Math.sin(1.3 * turn),
      pitch: 3 * Math.cos(turn),
      roll: 2 * Math.sin(2.1 * turn),
      expression: 0.2,
    }],
  });
  return {
    format: "YUYV",
    width,
    height,
    stride: width * 2,
    sequence: turn,
    captured_at_ms: turn,
    data: rgbToYuyv(drawn),
  };
}

/** A runtime that adds up the time its sessions run. */
class TimedInference implements Inference {
  total_us = 0;

  constructor(readonly inner: Inference) {}

  async open(bytes: Uint8Array): ReturnType<Inference["open"]> {
    const session = await this.inner.open(bytes);
    return {
      inputs: session.inputs,
      outputs: session.outputs,
      run: async (input, numbers) => {
        const start_us = processor_us();
        const answers = await session.run(input, numbers);
        this.total_us += processor_us() - start_us;
        return answers;
      },
    };
  }
}
