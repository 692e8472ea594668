/**
 * The C library as drivers use it: a table of names, opened explicitly, with `errno` taken at once.
 * Everything is opened without blocking, so that only `poll` ever waits, off the main thread.
 */
import { openLibrary } from "./libraries.ts";

const symbols = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  cfmakeraw: { parameters: ["buffer"], result: "void" },
  cfsetspeed: { parameters: ["buffer", "u32"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** What Linux calls its troubles, as far as drivers act on them; the same on 64-bit machines. */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  EPIPE: 32,
} as const;

/** Speeds of serial lines, and Linux's numbers for them. */
const serialSpeeds = { 2_400: 11, 4_800: 12, 9_600: 13, 19_200: 14, 38_400: 15 } as const;
export type SerialSpeed = keyof typeof serialSpeeds;

const flags = { O_RDWR: 2, O_NOCTTY: 0o400, O_NONBLOCK: 0o4000, O_CLOEXEC: 0o2000000 } as const;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;
const CLOCK_MONOTONIC = 1;

/** A call of the system that failed; `code` is its `errno`. */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  constructor(readonly call: string, readonly code: number, readonly reason: string) {
    super(`${call}: ${reason}`);
  }
}

/** Memory that a device shares with this process. */
export interface Mapping {
  readonly pointer: Deno.PointerObject;
  readonly length: number;
}

export type Libc = LibcLibrary;

/** `path` names a stand-in that has the same functions; without it, the system's own. Throws
 * `HardwareError` `device_missing` where there is none. */
export function openLibc(path?: string): Libc {
  return new LibcLibrary(openLibrary("libc.so.6", symbols, path));
}

class LibcLibrary implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof symbols>;
  readonly #errno: Deno.UnsafePointerView;

  constructor(library: Deno.DynamicLibrary<typeof symbols>) {
    this.#library = library;
    this.#errno = new Deno.UnsafePointerView(library.symbols.__errno_location()!);
  }

  /** Opens for reading and writing, without waiting. */
  open(path: string): number {
    const { O_RDWR, O_NOCTTY, O_NONBLOCK, O_CLOEXEC } = flags;
    const name = new TextEncoder().encode(`${path}\0`);
    return this.#sound(
      `open ${path}`,
      () => this.#c.open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC),
    );
  }

  close(descriptor: number): void {
    this.#c.close(descriptor);
  }

  /** False where the call would have to wait (EAGAIN). */
  ioctl(descriptor: number, request: IoctlRequest, argument: Uint8Array<ArrayBuffer>): boolean {
    return this.#waits(
      request.name,
      () => this.#c.ioctl(descriptor, request.code, argument),
    ) !== undefined;
  }

  map(descriptor: number, length: number, offset: number): Mapping {
    const pointer = this.#c.mmap(
      null,
      BigInt(length),
      PROT_READ_WRITE,
      MAP_SHARED,
      descriptor,
      BigInt(offset),
    );
    if (pointer === null || BigInt(Deno.UnsafePointer.value(pointer)) === MAP_FAILED) {
      throw this.#trouble("mmap");
    }
    return { pointer, length };
  }

  unmap({ pointer, length }: Mapping): void {
    this.#c.munmap(pointer, BigInt(length));
  }

  /** How many bytes came; 0 at the end of a file, undefined where it would have to wait. */
  read(descriptor: number, into: Uint8Array<ArrayBuffer>): number | undefined {
    return this.#waits("read", () => Number(this.#c.read(descriptor, into, BigInt(into.length))));
  }

  /** How many bytes went; undefined where it would have to wait. */
  write(descriptor: number, bytes: Uint8Array<ArrayBuffer>): number | undefined {
    return this.#waits(
      "write",
      () => Number(this.#c.write(descriptor, bytes, BigInt(bytes.length))),
    );
  }

  /** Makes a serial line carry bytes as they are, at this speed. */
  makeRaw(descriptor: number, baud: SerialSpeed): void {
    // `struct termios` has 60 bytes.
    const settings = new Uint8Array(64);
    this.#sound("tcgetattr", () => this.#c.tcgetattr(descriptor, settings));
    this.#c.cfmakeraw(settings);
    this.#sound("cfsetspeed", () => this.#c.cfsetspeed(settings, serialSpeeds[baud]));
    this.#sound("tcsetattr", () => this.#c.tcsetattr(descriptor, 0, settings));
  }

  /** A descriptor that becomes readable when 8 bytes that count are written to it. */
  eventfd(): number {
    return this.#sound("eventfd", () => this.#c.eventfd(0, flags.O_NONBLOCK | flags.O_CLOEXEC));
  }

  /** The clock that drivers stamp with: milliseconds since the machine was started. */
  monotonic_ms(): number {
    const time = new BigInt64Array(2);
    this.#c.clock_gettime(CLOCK_MONOTONIC, new Uint8Array(time.buffer));
    return Number(time[0]) * 1_000 + Number(time[1]) / 1e6;
  }

  /** Waits for `count` descriptors of `struct pollfd`. Below 0 it was disturbed; `errno` is lost on
   * the way back. */
  poll(descriptors: Uint8Array<ArrayBuffer>, count: number, timeout_ms: number): Promise<number> {
    return this.#c.poll(descriptors, BigInt(count), timeout_ms);
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }

  get #c() {
    return this.#library.symbols;
  }

  #sound(call: string, act: () => number): number {
    const result = this.#waits(call, act);
    if (result === undefined) throw new SystemCallError(call, errno.EAGAIN, "would have to wait");
    return result;
  }

  #waits(call: string, act: () => number): number | undefined {
    for (;;) {
      const result = act();
      if (result >= 0) return result;
      const code = this.#errno.getInt32();
      if (code === errno.EAGAIN) return undefined;
      if (code !== errno.EINTR) throw this.#trouble(call, code);
    }
  }

  #trouble(call: string, code = this.#errno.getInt32()): SystemCallError {
    const text = this.#c.strerror(code);
    const reason = text === null
      ? `error ${code}`
      : new Deno.UnsafePointerView(text).getCString().toLowerCase();
    return new SystemCallError(call, code, reason);
  }
}

/** A request of a driver, with its name for messages. */
export interface IoctlRequest {
  readonly name: string;
  readonly code: bigint;
}
