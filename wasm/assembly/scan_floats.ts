/**
 * The scan for small galleries: f32 sums with a bound on what they may have lost, 8 templates in
 * flight.
 */
import { DESK_NEAR, DESK_SLACK, rows } from "./layout";
import { floorOf } from "./query";
import { board, FLIGHT, fly, roughSlack } from "./score";
import { weigh } from "./select";

/** Offers every row whose bound reaches the floor of the query in slot 0. */
export function scanFloats(): void {
  const wide = f32x4.splat(roughSlack());
  v128.store(DESK_SLACK, wide);
  v128.store(DESK_SLACK, wide, 16);
  for (let row = 0; row < rows; row += FLIGHT) {
    // Rows after the last are there, and are not weighed: a segment holds a multiple of eight.
    for (let i = 0; i < FLIGHT; i++) board(i, row + i);
    fly(0);
    const floor = f32x4.splat(floorOf(0));
    const near = f32x4.add(v128.load(DESK_NEAR), wide);
    const far = f32x4.add(v128.load(DESK_NEAR, 16), wide);
    const hits = i32x4.bitmask(f32x4.ge(near, floor)) |
      (i32x4.bitmask(f32x4.ge(far, floor)) << 4);
    if (hits != 0) weigh(0, row, hits);
  }
}
