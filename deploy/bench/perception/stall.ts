/**
 * How long the gateway's event loop stands still while cameras are looked at: every camera has its
 * Worker, and what is left to the loop are frames that come, go and are answered.
 */
import type { CameraPort, Frame } from "../../../hardware/ports.ts";
import { drawScene } from "../../../hardware/simulated/scene.ts";
import { rgbToYuyv } from "../../../hardware/simulated/yuyv.ts";
import { measureLag } from "../../../runtime/http/lag.ts";
import { fineClock, realClock } from "../../../runtime/main.ts";
import { openPerception } from "../../../runtime/perception/perception.ts";
import { type Models, startWorker } from "../../../runtime/perception/spawn.ts";
import { openThreadClock } from "../thread_clock.ts";

export interface Stall {
  /** How late a timer of one millisecond came. */
  readonly p99_ms: number;
  readonly max_ms: number;
  /** The longest that the loop worked between two such timers: what is its own of that. */
  readonly own_max_ms: number;
}

export interface StallFigures {
  readonly idle: Stall;
  readonly looking: Stall;
  /** Frames that were looked at. */
  readonly frames: number;
}

export interface StallOptions {
  readonly cameras: number;
  readonly frames_per_second: number;
  readonly seconds: number;
}

/** A device that hands over frames which are there already, each a copy, as a driver does. */
class ReadyCamera implements CameraPort {
  readonly origin = "simulated";
  #sequence = 0;
  constructor(readonly id: string, readonly frames_per_second: number) {}

  get delivered(): number {
    return this.#sequence;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    while (!signal.aborted) {
      await new Promise<void>((resolve) => setTimeout(resolve, 1_000 / this.frames_per_second));
      const sequence = this.#sequence++;
      yield {
        format: "YUYV",
        width: 640,
        height: 480,
        stride: 1_280,
        sequence,
        captured_at_ms: Date.now(),
        data: shown[sequence % shown.length]!.slice(),
      };
    }
  }
}

/** Somebody at the till who moves a little. */
const shown = Array.from({ length: 8 }, (_, turn) =>
  rgbToYuyv(drawScene({
    width: 640,
    height: 480,
    background_seed: 3,
    light: { level: 1, side: 0.1, warmth: 0 },
    noise: 2,
    noise_seed: turn,
    people: [{
      identity: 4,
      x: 320 + 5 * turn,
      y: 240,
      size: 160,
      yaw: 3 * turn - 10,
      pitch: 0,
      roll: 0,
      expression: 0,
    }],
  })));

/** Measures an idle loop and one that serves cameras, for as long each. */
export async function measureStall(models: Models, options: StallOptions): Promise<StallFigures> {
  const { cameras, frames_per_second, seconds } = options;
  const pause = (duration_ms: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, duration_ms));
  const meter = measureLag(fineClock);
  using thread = openThreadClock();
  const over = async (duration_ms: number): Promise<Stall> => {
    meter.reset();
    let own_max_ms = 0, worked_ms = thread.worked_ms();
    const timer = setInterval(() => {
      const now_ms = thread.worked_ms();
      own_max_ms = Math.max(own_max_ms, now_ms - worked_ms);
      worked_ms = now_ms;
    }, 1);
    await pause(duration_ms);
    clearInterval(timer);
    const lag = meter.lag();
    return { p99_ms: lag.quantile_ms(0.99), max_ms: lag.max_ms, own_max_ms };
  };
  await pause(500);
  const idle = await over(1_000 * seconds);
  const perception = await openPerception({
    proof: "motion",
    models,
    start: startWorker,
    clock: realClock,
    log: () => {},
    frames_per_second,
  });
  const devices = Array.from(
    { length: cameras },
    (_, at) => new ReadyCamera(`camera-${at}`, frames_per_second),
  );
  try {
    await Promise.all(devices.map((camera) => perception.watch(camera, () => {})));
    await pause(2_000);
    const before = devices.reduce((sum, camera) => sum + camera.delivered, 0);
    const looking = await over(1_000 * seconds);
    const frames = devices.reduce((sum, camera) => sum + camera.delivered, 0) - before;
    return { idle, looking, frames };
  } finally {
    meter.stop();
    await perception.close();
  }
}
