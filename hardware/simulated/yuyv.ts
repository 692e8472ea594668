/**
 * Colour pictures as cameras send them: RGB packed into YUYV, so that a simulated frame loses the
 * same half of its colour that a real one does.
 */

/**
 * Converts packed RGB to YUYV (4:2:2, BT.601 limited range: Y 16..235, U and V 16..240).
 * Two neighbouring pixels share the mean of their chroma. The width is even; a row has
 * `width * 2` bytes. `target`, if given, is filled and returned.
 */
export function rgbToYuyv(
  picture: { readonly width: number; readonly height: number; readonly rgb: Uint8Array },
  target?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { width, height, rgb } = picture;
  if (width % 2 !== 0) throw new RangeError(`YUYV needs an even width, not ${width}`);
  const yuyv = target ?? new Uint8Array(width * height * 2);
  // Fixed point with 16 fractional bits; the offsets carry the rounding half.
  for (let from = 0, to = 0; to < yuyv.length; from += 6, to += 4) {
    const r0 = rgb[from]!, g0 = rgb[from + 1]!, b0 = rgb[from + 2]!;
    const r1 = rgb[from + 3]!, g1 = rgb[from + 4]!, b1 = rgb[from + 5]!;
    const r = r0 + r1, g = g0 + g1, b = b0 + b1;
    yuyv[to] = (16829 * r0 + 33039 * g0 + 6416 * b0 + 1081344) >> 16;
    yuyv[to + 1] = (-4857 * r - 9535 * g + 14392 * b + 8421376) >> 16;
    yuyv[to + 2] = (16829 * r1 + 33039 * g1 + 6416 * b1 + 1081344) >> 16;
    yuyv[to + 3] = (14392 * r - 12051 * g - 2341 * b + 8421376) >> 16;
  }
  return yuyv;
}
