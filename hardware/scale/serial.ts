/**
 * A scale on a serial line that sends a line for each weighing, in the form that most of them know:
 * `ST,GS,+  1.234kg` (at rest, gross) or `US,NT,-   12.5 g` (moving, net).
 */
import { HardwareError } from "../errors.ts";
import { errno, type Libc, type SerialSpeed, SystemCallError } from "../ffi/libc.ts";
import { readiness, Waiter } from "../ffi/waiter.ts";
import { hardwareLimits } from "../limits.ts";
import type { ScalePort, Weight } from "../ports.ts";

export interface SerialScaleOptions {
  readonly id: string;
  readonly libc: Libc;
  /** e.g. `/dev/serial/by-id/...`. */
  readonly path: string;
  /** 9600 unless told otherwise. */
  readonly baud?: SerialSpeed;
}

/** A weighing; `net` when something was tared away. */
export interface Weighing extends Pick<Weight, "grams" | "at_rest"> {
  readonly net: boolean;
}

const form = /^(ST|US),(GS|NT),([+-]) *(\d{1,7}(?:\.\d{1,4})?) *(k?g)$/;

/** What a line says; undefined for overload, for what is tared away (`TR`), and for whatever is no
 * weight. */
export function readLine(line: string): Weighing | undefined {
  const [, state, kind, sign, digits, unit] = form.exec(line.trim()) ?? [];
  if (digits === undefined) return undefined;
  const grams = Number(digits) * (unit === "kg" ? 1_000 : 1) * (sign === "-" ? -1 : 1);
  // Scales have no more than four decimals: what binary fractions add is taken off.
  return { grams: rounded(grams), at_rest: state === "ST", net: kind === "NT" };
}

const rounded = (grams: number) => Math.round(grams * 10_000) / 10_000;

/**
 * What lies on a scale, whoever presses its tare key: what was tared away is still there, and what
 * comes after it is measured from what lay there last. Weighings between the key and the next rest
 * say nothing.
 */
export class TareKeeper {
  #net: boolean | undefined;
  #tared_g = 0;
  #rested_g: number | undefined;

  take({ grams, at_rest, net }: Weighing): Omit<Weighing, "net"> | undefined {
    if (this.#net !== undefined && this.#net !== net) {
      if (!at_rest) return undefined;
      if (this.#rested_g !== undefined) this.#tared_g = this.#rested_g - grams;
    }
    this.#net = net;
    const whole_g = rounded(grams + this.#tared_g);
    if (at_rest) this.#rested_g = whole_g;
    return { grams: whole_g, at_rest };
  }
}

const poll_ms = 1_000;
/** Scales that send by themselves do so several times a second. */
const silence_ms = 10_000;

export class SerialScale implements ScalePort {
  readonly id: string;
  readonly #options: SerialScaleOptions;

  constructor(options: SerialScaleOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async *weights(signal: AbortSignal): AsyncGenerator<Weight, void, void> {
    const { libc, path, baud = 9_600 } = this.#options;
    let descriptor: number | undefined;
    const waiter = new Waiter(libc);
    const wake = () => waiter.wake();
    signal.addEventListener("abort", wake);
    try {
      descriptor = libc.open(path);
      libc.makeRaw(descriptor, baud);
      yield* this.#read(descriptor, waiter, signal);
    } catch (error) {
      throw this.#explained(error);
    } finally {
      signal.removeEventListener("abort", wake);
      waiter.close();
      if (descriptor !== undefined) libc.close(descriptor);
    }
  }

  async *#read(
    descriptor: number,
    waiter: Waiter,
    signal: AbortSignal,
  ): AsyncGenerator<Weight, void, void> {
    const bytes = new Uint8Array(4_096);
    const keeper = new TareKeeper();
    let rest = "";
    let heard_ms = performance.now();
    while (!signal.aborted) {
      const ready = await waiter.wait(descriptor, readiness.IN, poll_ms);
      if (signal.aborted) return;
      const count = ready === 0 ? undefined : this.#options.libc.read(descriptor, bytes);
      if (count === 0 || (count === undefined && (ready & readiness.HUP) !== 0)) {
        throw new SystemCallError("read", errno.EIO, "the line has hung up");
      }
      const text = new TextDecoder("latin1").decode(bytes.subarray(0, count ?? 0));
      const lines = (rest + text).split(/[\r\n]+/);
      // A line that never ends is noise of another speed.
      rest = (lines.pop() ?? "").slice(-hardwareLimits.scale_line_bytes);
      // A slow reader gets the latest.
      const weighings = lines.flatMap((line) => readLine(line) ?? []);
      if (weighings.length > 0) heard_ms = performance.now();
      const latest = weighings.flatMap((weighing) => keeper.take(weighing) ?? []).at(-1);
      if (latest !== undefined) {
        yield { ...latest, at_ms: Date.now() };
      } else if (performance.now() - heard_ms > silence_ms) {
        throw new HardwareError(
          "device_lost",
          `scale ${this.id} has sent no weight for ${silence_ms / 1_000} s: set it to send by ` +
            `itself, at ${this.#options.baud ?? 9_600} baud`,
        );
      }
    }
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof SystemCallError)) return error;
    const fail = (kind: HardwareError["kind"], way: string) =>
      new HardwareError(
        kind,
        `scale ${this.id} at ${this.#options.path} has failed (${error.message}): ${way}`,
        { cause: error },
      );
    switch (error.code) {
      case errno.ENOENT:
      case errno.ENXIO:
        return fail("device_missing", "plug it in, or correct its path");
      case errno.EACCES:
      case errno.EPERM:
        return fail("device_forbidden", "add the gateway's user to group dialout");
      case errno.EBUSY:
        return fail("device_busy", "another program reads it; end that one");
      case errno.ENOTTY:
        return fail("format_unsupported", "this is no serial line; correct its path");
      default:
        return fail("device_lost", "check its cable and its power");
    }
  }
}
