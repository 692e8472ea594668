/** The structures that cross to a video driver, written and read field by field. */
import { constants as C } from "./layout.ts";

/** One structure: bytes for the call, and a view on its fields. */
export class Struct {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(size: number, fields: readonly (readonly [offset: number, value: number])[] = []) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
    for (const [offset, value] of fields) this.set(offset, value);
  }

  get(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  getSigned(offset: number): number {
    return this.#view.getInt32(offset, true);
  }

  /** 64 bits, as long as they fit into a number. */
  getLong(offset: number): number {
    return Number(this.#view.getBigInt64(offset, true));
  }

  set(offset: number, value: number): void {
    this.#view.setUint32(offset, value >>> 0, true);
  }

  setLong(offset: number, value: bigint): void {
    this.#view.setBigUint64(offset, value, true);
  }

  /** A text that ends with a zero or with its room. */
  text(offset: number, length: number): string {
    const field = this.bytes.subarray(offset, offset + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  }
}

/** Which of the two kinds of capture a device speaks. */
export interface CaptureType {
  readonly multiplanar: boolean;
}

export const typeOf = ({ multiplanar }: CaptureType): number =>
  multiplanar ? C.BUF_TYPE_VIDEO_CAPTURE_MPLANE : C.BUF_TYPE_VIDEO_CAPTURE;
