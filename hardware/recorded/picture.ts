/**
 * What a picture is once it is out of its file: plain RGB bytes. Decoders make it, perception
 * takes it, and neither needs to know the other.
 */

/** A still picture: `width * height * 3` bytes, packed R, G, B, rows from the top, no padding. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}
