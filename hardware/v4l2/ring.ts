/**
 * The buffers that a driver fills in turn, mapped into this process. A picture is copied out before
 * its buffer goes back, and nothing of the mapping is kept: after an unplug it must be let go.
 */
import { type Libc, type Mapping, SystemCallError } from "../ffi/libc.ts";
import { hardwareLimits } from "../limits.ts";
import type { VideoDevice, VideoFormat } from "./device.ts";
import * as layout from "./layout.ts";
import { constants as C, requests } from "./layout.ts";
import { Struct } from "./structs.ts";

/** A buffer that the driver has filled. */
export interface Filled {
  readonly index: number;
  readonly sequence: number;
  /** On the clock of `Libc.monotonic_ms`; undefined where the driver stamps in another way. */
  readonly stamped_ms: number | undefined;
  /** The driver says itself that the picture is broken. */
  readonly damaged: boolean;
  /** Where the picture lies in each plane. */
  readonly planes: readonly { readonly from: number; readonly bytes: number }[];
}

interface PlaneDescription {
  readonly length: number;
  readonly offset: number;
}

/** Disposed of, the stream is off, and no buffer and no mapping is left. */
export class BufferRing implements Disposable {
  readonly #libc: Libc;
  readonly #device: VideoDevice;
  readonly #planes_per_buffer: number;
  readonly #buffers: Mapping[][] = [];

  constructor(libc: Libc, device: VideoDevice, format: VideoFormat, wanted: number) {
    this.#libc = libc;
    this.#device = device;
    this.#planes_per_buffer = format.planes.length;
    try {
      const count = this.#request(wanted);
      for (let index = 0; index < count; index++) {
        const planes: Mapping[] = [];
        this.#buffers.push(planes);
        for (const { length, offset } of this.#describe(index)) {
          planes.push(libc.map(device.descriptor, length, offset));
        }
        this.requeue(index);
      }
      device.call(requests.streamon, this.#typeOnly());
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** How many buffers the driver gave. */
  get size(): number {
    return this.#buffers.length;
  }

  /** The oldest filled buffer, which is the caller's until `requeue`; undefined when none is. */
  take(): Filled | undefined {
    const { buffer, plane } = layout;
    const { answer, planes } = this.#struct();
    if (!this.#device.call(requests.dqbuf, answer)) return undefined;
    const index = answer.get(buffer.index);
    if (this.#buffers[index] === undefined) {
      throw new SystemCallError("VIDIOC_DQBUF", 0, `there is no buffer ${index}`);
    }
    const flags = answer.get(buffer.flags);
    const monotonic = (flags & C.BUF_FLAG_TIMESTAMP_MASK) === C.BUF_FLAG_TIMESTAMP_MONOTONIC;
    return {
      index,
      sequence: answer.get(buffer.sequence),
      stamped_ms: monotonic
        ? answer.getLong(buffer.timestamp_s) * 1_000 + answer.getLong(buffer.timestamp_us) / 1_000
        : undefined,
      damaged: (flags & C.BUF_FLAG_ERROR) !== 0,
      planes: planes === undefined
        ? [{ from: 0, bytes: answer.get(buffer.bytesused) }]
        : Array.from({ length: this.#planes_per_buffer }, (_, n) => {
          const from = planes.get(n * plane.size + plane.data_offset);
          return { from, bytes: Math.max(0, planes.get(n * plane.size + plane.bytesused) - from) };
        }),
    };
  }

  /** A copy of the picture, its planes one after the other. */
  copy({ index, planes }: Filled): Uint8Array<ArrayBuffer>[] {
    return planes.map(({ from, bytes }, n) => {
      const { pointer, length } = this.#buffers[index]![n]!;
      const start = Math.min(from, length);
      const data = new Uint8Array(Math.min(bytes, length - start));
      if (data.length > 0) new Deno.UnsafePointerView(pointer).copyInto(data, start);
      return data;
    });
  }

  requeue(index: number): void {
    const { buffer } = layout;
    const { answer } = this.#struct();
    answer.set(buffer.index, index);
    this.#device.call(requests.qbuf, answer);
  }

  [Symbol.dispose](): void {
    // A device that is gone answers with errors: what is ours is let go all the same.
    this.#quietly(() => this.#device.call(requests.streamoff, this.#typeOnly()));
    for (const mapping of this.#buffers.flat()) this.#libc.unmap(mapping);
    this.#buffers.length = 0;
    this.#quietly(() => this.#request(0));
  }

  #quietly(act: () => unknown): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
    }
  }

  #request(count: number): number {
    const { requestbuffers } = layout;
    const wish = new Struct(requestbuffers.size, [
      [requestbuffers.count, count],
      [requestbuffers.type, this.#device.type],
      [requestbuffers.memory, C.MEMORY_MMAP],
    ]);
    this.#device.call(requests.reqbufs, wish);
    return Math.min(wish.get(requestbuffers.count), hardwareLimits.most_camera_buffers);
  }

  #describe(index: number): PlaneDescription[] {
    const { buffer, plane } = layout;
    const { answer, planes } = this.#struct();
    answer.set(buffer.index, index);
    this.#device.call(requests.querybuf, answer);
    if (planes === undefined) {
      return [{ length: answer.get(buffer.length), offset: answer.get(buffer.offset) }];
    }
    return Array.from({ length: this.#planes_per_buffer }, (_, n) => ({
      length: planes.get(n * plane.size + plane.length),
      offset: planes.get(n * plane.size + plane.offset),
    }));
  }

  #typeOnly(): Struct {
    return new Struct(4, [[0, this.#device.type]]);
  }

  /** `struct v4l2_buffer`, which points to its planes where a device has several. */
  #struct(): { answer: Struct; planes: Struct | undefined } {
    const { buffer, plane } = layout;
    const answer = new Struct(buffer.size, [
      [buffer.type, this.#device.type],
      [buffer.memory, C.MEMORY_MMAP],
    ]);
    if (!this.#device.capability.multiplanar) return { answer, planes: undefined };
    const planes = new Struct(plane.size * this.#planes_per_buffer);
    answer.setLong(buffer.offset, BigInt(Deno.UnsafePointer.value(pointerTo(planes.bytes))));
    answer.set(buffer.length, this.#planes_per_buffer);
    return { answer, planes };
  }
}

function pointerTo(bytes: Uint8Array<ArrayBuffer>): Deno.PointerObject {
  return Deno.UnsafePointer.of(bytes)!;
}
