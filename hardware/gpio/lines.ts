/**
 * Lines of a GPIO chip as outputs, through Linux's character device (version 2 of its interface).
 * Lines are taken together and let go together: what they drove falls back when the process ends.
 */
import { HardwareError } from "../errors.ts";
import { errno, type IoctlRequest, type Libc, SystemCallError } from "../ffi/libc.ts";

const request = (name: string, code: number): IoctlRequest => ({ name, code: BigInt(code) });

/** Numbers of `linux/gpio.h` on 64-bit machines; a test compiles the header and compares. */
export const gpioNumbers = {
  get_line: request("GPIO_V2_GET_LINE_IOCTL", 0xc250b407),
  set_values: request("GPIO_V2_LINE_SET_VALUES_IOCTL", 0xc010b40f),
  get_values: request("GPIO_V2_LINE_GET_VALUES_IOCTL", 0xc010b40e),
  line_request: { size: 592, consumer: 256, config: 288, num_lines: 560, fd: 588 },
  flags: { active_low: 2, output: 8 },
} as const;

const most_lines = 64;

export interface GpioOptions {
  readonly libc: Libc;
  /** For messages, e.g. `gate entrance`. */
  readonly what: string;
  /** e.g. `/dev/gpiochip0`. */
  readonly chip: string;
  /** Numbers of the lines on the chip. */
  readonly lines: readonly number[];
  /** A line that is on is at low voltage, as most relay boards want it. */
  readonly active_low?: boolean;
}

/** Outputs, all off at first. Throws `HardwareError`. */
export class GpioOutputs implements Disposable {
  readonly #options: GpioOptions;
  readonly #descriptor: number;

  constructor(options: GpioOptions) {
    const { lines } = options;
    if (lines.length === 0 || lines.length > most_lines) {
      throw new HardwareError(
        "format_unsupported",
        `${options.what} has ${lines.length} lines: 1 to ${most_lines} can be driven together`,
      );
    }
    this.#options = options;
    this.#descriptor = this.#explained(() => this.#take());
  }

  /** Lines by their place in `lines`; those not named are off. */
  set(on: readonly number[]): void {
    const values = new BigUint64Array(2);
    values[0] = on.reduce((bits, place) => bits | 1n << BigInt(place), 0n);
    values[1] = (1n << BigInt(this.#options.lines.length)) - 1n;
    this.#explained(() =>
      this.#options.libc.ioctl(
        this.#descriptor,
        gpioNumbers.set_values,
        new Uint8Array(values.buffer),
      )
    );
  }

  [Symbol.dispose](): void {
    this.#options.libc.close(this.#descriptor);
  }

  #take(): number {
    const { libc, chip, lines, active_low = false, what } = this.#options;
    const { line_request, flags, get_line } = gpioNumbers;
    const device = libc.open(chip);
    try {
      const bytes = new Uint8Array(line_request.size);
      const fields = new DataView(bytes.buffer);
      lines.forEach((line, place) => fields.setUint32(place * 4, line, true));
      const consumer = new TextEncoder().encode(`saunter ${what}`).subarray(0, 31);
      bytes.set(consumer, line_request.consumer);
      const wanted = flags.output | (active_low ? flags.active_low : 0);
      fields.setBigUint64(line_request.config, BigInt(wanted), true);
      fields.setUint32(line_request.num_lines, lines.length, true);
      libc.ioctl(device, get_line, bytes);
      return fields.getInt32(line_request.fd, true);
    } finally {
      libc.close(device);
    }
  }

  #explained<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      const { what, chip, lines } = this.#options;
      const fail = (kind: HardwareError["kind"], way: string) =>
        new HardwareError(kind, `${what} cannot use ${chip} (${error.message}): ${way}`, {
          cause: error,
        });
      switch (error.code) {
        case errno.EBUSY:
          throw fail("device_busy", "another program has its lines; `gpioinfo` names it");
        case errno.EACCES:
        case errno.EPERM:
          throw fail("device_forbidden", "add the gateway's user to group gpio");
        case errno.ENOENT:
          throw fail("device_missing", "plug it in, or correct its path");
        case errno.EINVAL:
          throw fail("format_unsupported", `it has no lines ${lines.join(", ")}; correct them`);
        default:
          throw fail("device_lost", "check its cable and its power");
      }
    }
  }
}
