/**
 * One presentation, shown under several rules: what a rule does not change is drawn and looked at
 * once. Rules differ in what they make of a frame and in when they ask for a turn, so frames are
 * the same for as long as the same was asked at the same times.
 */
import type { Presentation, Side } from "../../hardware/simulated/presentation.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import type { PayPosition } from "../../runtime/perception/pay_position.ts";
import type { Seen, Sighter } from "../../runtime/perception/sights.ts";

/** A presentation from its beginning. */
export interface Play {
  /** Asks whoever stands there to turn the head. */
  ask(side: Side, at_ms: number): void;
  /** What is seen at an instant; times only grow. */
  see(at_ms: number, sequence: number): Promise<Seen>;
}

export class Stage {
  readonly #sighter: Sighter;
  readonly #place: PayPosition;
  readonly #make: () => Presentation;
  readonly #seen = new Map<string, Seen>();
  /** Frames that were drawn, and those that had been. */
  drawn = 0;
  repeated = 0;

  /** `make` gives the same presentation each time. */
  constructor(sighter: Sighter, place: PayPosition, make: () => Presentation) {
    this.#sighter = sighter;
    this.#place = place;
    this.#make = make;
  }

  begin(): Play {
    const shown = this.#make();
    let asked = "";
    return {
      ask(side, at_ms) {
        shown.ask(side, at_ms);
        asked += `${side} at ${at_ms}, `;
      },
      see: async (at_ms, sequence) => {
        const key = `${asked}${sequence}`;
        const known = this.#seen.get(key);
        if (known !== undefined) {
          this.repeated++;
          return copyOf(known);
        }
        this.drawn++;
        const { width, height, rgb } = shown.draw(at_ms, sequence);
        const seen = await this.#sighter.see({
          format: "YUYV",
          width,
          height,
          stride: width * 2,
          sequence,
          captured_at_ms: at_ms,
          data: rgbToYuyv({ width, height, rgb }),
        }, this.#place);
        this.#seen.set(key, copyOf(seen));
        return seen;
      },
    };
  }
}

/** Whoever takes a sight in overwrites it later. */
function copyOf(seen: Seen): Seen {
  const sights = seen.sights.map((sight) => ({
    ...sight,
    probe: sight.probe?.slice(),
    crop: sight.crop?.slice(),
  }));
  const { surroundings } = seen;
  if (surroundings === undefined) return { ...seen, sights };
  return { ...seen, sights, surroundings: { ...surroundings, grey: surroundings.grey.slice() } };
}
