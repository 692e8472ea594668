/**
 * A camera on Video for Linux: negotiates what it can send, streams through mapped buffers, keeps
 * only the latest picture, and can be started again after it was unplugged.
 */
import { HardwareError } from "../errors.ts";
import { errno, type Libc, SystemCallError } from "../ffi/libc.ts";
import { Waiter } from "../ffi/waiter.ts";
import { hardwareLimits } from "../limits.ts";
import type { CameraPort, Frame } from "../ports.ts";
import { type CameraControls, setControls } from "./controls.ts";
import { VideoDevice, type VideoFormat } from "./device.ts";
import { understood } from "./pictures.ts";
import { BufferRing } from "./ring.ts";
import { Stream, type StreamCounts } from "./stream.ts";

export interface V4l2CameraOptions {
  readonly id: string;
  /** The device's node; one below /dev/v4l/by-id stays the same when devices are plugged anew. */
  readonly path: string;
  /** 640 by 480 unless told otherwise; the driver's nearest is taken. */
  readonly width?: number;
  readonly height?: number;
  /** 25 unless told otherwise. */
  readonly frames_per_second?: number;
  /** One of `understood`; the best that the device has unless told. */
  readonly pixel_format?: string;
  readonly controls?: CameraControls;
  /** More of them bridge longer pauses of this machine. */
  readonly buffers?: number;
  /** Stays open for as long as the camera is used. */
  readonly libc: Libc;
}

/**
 * One reader at a time. Sequence numbers go on from stream to stream, also through a change of the
 * source's shape; a gap is what the driver lost or a slow reader passed over, and `counts` tells
 * which.
 */
export class V4l2Camera implements CameraPort {
  readonly id: string;
  readonly origin = "real";
  /** Of all streams of this camera. */
  readonly counts: StreamCounts = {
    delivered: 0,
    lost: 0,
    starved: 0,
    passed_over: 0,
    damaged: 0,
  };
  readonly #options: V4l2CameraOptions;
  #reading = false;
  #next_sequence = 0;

  constructor(options: V4l2CameraOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    if (this.#reading) {
      throw new HardwareError(
        "device_busy",
        `camera ${this.id} is being read already; end the other reader first`,
      );
    }
    this.#reading = true;
    try {
      for (let changes = 0; !signal.aborted; changes++) {
        if (changes > hardwareLimits.source_changes) {
          throw this.#trouble("device_lost", "changes its source all the time; check its cable");
        }
        const before = this.counts.delivered;
        yield* this.#stream(signal);
        if (this.counts.delivered > before) changes = 0;
      }
    } catch (error) {
      throw this.#explained(error);
    } finally {
      this.#reading = false;
    }
  }

  /** Until the signal, trouble, or a change of the source. */
  async *#stream(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const { libc, buffers = hardwareLimits.camera_buffers } = this.#options;
    using device = new VideoDevice(libc, this.#options.path);
    const format = this.#negotiate(device);
    using ring = new BufferRing(libc, device, format, buffers);
    const waiter = new Waiter(libc);
    const stream = new Stream({
      device,
      ring,
      format,
      waiter,
      counts: this.counts,
      monotonic_ms: () => libc.monotonic_ms(),
      first_sequence: this.#next_sequence,
    });
    const end = () => stream.end();
    signal.addEventListener("abort", end);
    try {
      if (signal.aborted) return;
      for (let frame = await stream.next(); frame; frame = await stream.next()) {
        this.#next_sequence = frame.sequence + 1;
        yield frame;
      }
    } finally {
      signal.removeEventListener("abort", end);
      await stream.close();
      waiter.close();
    }
  }

  #negotiate(device: VideoDevice): VideoFormat {
    const { path, width = 640, height = 480, frames_per_second = 25 } = this.#options;
    if (!device.capability.captures) {
      throw this.#trouble("format_unsupported", `${path} is no camera: name its capture node`);
    }
    device.watchSource();
    device.followSource();
    const offered = device.formats();
    const wanted = this.#options.pixel_format;
    const pixel_format = wanted ?? understood.find((name) => offered.includes(name));
    if (pixel_format === undefined || !offered.includes(pixel_format)) {
      const list = offered.slice(0, 12).join(", ") || "nothing";
      throw this.#trouble(
        "format_unsupported",
        `offers ${list}; ${wanted ?? `one of ${understood.join(", ")}`} is needed`,
      );
    }
    const format = device.setFormat(pixel_format, { width, height });
    if (
      format.pixel_format !== pixel_format || format.planes.length === 0 ||
      format.width * format.height === 0 ||
      format.width * format.height > hardwareLimits.picture_pixels
    ) {
      throw this.#trouble(
        "format_unsupported",
        `answers with ${format.pixel_format} of ${format.width} by ${format.height} when asked ` +
          `for ${pixel_format}; set another pixel_format or size`,
      );
    }
    device.setRate(frames_per_second);
    setControls(device, this.id, this.#options.controls ?? {});
    return format;
  }

  #trouble(kind: HardwareError["kind"], problem: string, cause?: unknown): HardwareError {
    return new HardwareError(kind, `camera ${this.id} ${problem}`, { cause });
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof SystemCallError)) return error;
    const { path } = this.#options;
    const { message } = error;
    switch (error.code) {
      case errno.EBUSY:
        return this.#trouble(
          "device_busy",
          `is used by another program (${message}): end that one; \`fuser ${path}\` names it`,
          error,
        );
      case errno.EACCES:
      case errno.EPERM:
        return this.#trouble(
          "device_forbidden",
          `may not be opened (${message}): add the gateway's user to group video`,
          error,
        );
      case errno.ENOENT:
      case errno.ENXIO:
        return this.#trouble(
          "device_missing",
          `is not there (${message}): plug it in, or correct its path`,
          error,
        );
      default:
        return this.#trouble(
          "device_lost",
          `has failed (${message}): check its cable and its power`,
          error,
        );
    }
  }
}
