/**
 * How unlike two utterances are when one may be spoken slower here and faster there: dynamic time
 * warping (Sakoe and Chiba 1978, symmetric form, with a band about the diagonal).
 */
import { FRAME_DIM, type Frames } from "./features.ts";

/** Half the width of the band, as a share of the longer utterance. */
const BAND = 0.3;
/** Frames that the band reaches beyond the difference of the two lengths. */
const LEAST_REACH = 3;

/**
 * The mean distance along the cheapest alignment; 0 for the same, Infinity where one is empty.
 * Comparable between utterances of different lengths.
 */
export function warpCost(a: Frames, b: Frames): number {
  const { count: rows, values: left } = a;
  const { count: columns, values: right } = b;
  if (rows === 0 || columns === 0) return Infinity;
  const reach = Math.max(
    Math.abs(rows - columns) + LEAST_REACH,
    Math.ceil(BAND * Math.max(rows, columns)),
  );
  let above = new Float64Array(columns + 1).fill(Infinity);
  let here = new Float64Array(columns + 1);
  above[0] = 0;
  for (let i = 1; i <= rows; i++) {
    here.fill(Infinity);
    const middle = i * columns / rows;
    const from = Math.max(1, Math.floor(middle - reach));
    const to = Math.min(columns, Math.ceil(middle + reach));
    const row = (i - 1) * FRAME_DIM;
    for (let j = from; j <= to; j++) {
      const column = (j - 1) * FRAME_DIM;
      let squares = 0;
      for (let k = 0; k < FRAME_DIM; k++) {
        const difference = left[row + k]! - right[column + k]!;
        squares += difference * difference;
      }
      const distance = Math.sqrt(squares);
      here[j] = Math.min(
        above[j - 1]! + 2 * distance,
        above[j]! + distance,
        here[j - 1]! + distance,
      );
    }
    [above, here] = [here, above];
  }
  return above[columns]! / (rows + columns);
}
