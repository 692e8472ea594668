/** When two tracks jumped into each other's place: each is seen to at its own next look. */

/** Some moment after the first and by the second. */
export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Both of two jump within so long. */
const same_jump_ms = 1_300;

/** Of every two tracks. */
export class Jumps {
  readonly #jumps = new Map<string, Span[]>();

  add(one: string, other: string, jump: Span): void {
    const jumps = this.#jumps.get(keyOf(one, other));
    const last = jumps?.at(-1);
    if (jumps === undefined) this.#jumps.set(keyOf(one, other), [jump]);
    else if (last === undefined || jump.from_ms > last.to_ms + same_jump_ms) jumps.push(jump);
    else {
      // The other one's jump is the same: it was when both may have jumped.
      const from_ms = Math.max(last.from_ms, jump.from_ms);
      const to_ms = Math.min(last.to_ms, jump.to_ms);
      if (from_ms < to_ms) jumps.splice(-1, 1, { from_ms, to_ms });
    }
  }

  of(one: string, other: string): readonly Span[] {
    return this.#jumps.get(keyOf(one, other)) ?? [];
  }

  sweep(since_ms: number): void {
    for (const [pair, jumps] of this.#jumps) {
      const kept = jumps.filter(({ to_ms }) => to_ms >= since_ms);
      if (kept.length === 0) this.#jumps.delete(pair);
      else this.#jumps.set(pair, kept);
    }
  }
}

/** Whether it was around one of these jumps: where one jumps to, the other stood a moment before,
 * and the two did not meet. */
export const around = (jumps: readonly Span[], at_ms: number): boolean =>
  jumps.some(({ from_ms, to_ms }) =>
    at_ms >= from_ms - same_jump_ms && at_ms <= to_ms + same_jump_ms
  );

const keyOf = (one: string, other: string) => one < other ? `${one} ${other}` : `${other} ${one}`;
