/** Each sense of the store at half strength: every other word of it is lost, or, of a scale, half
 * of its resolution. What a tracker loses by that says what it got from it. */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Filter } from "./trial.ts";

export const senses = ["scales", "tracks", "hands", "looks", "counts", "exit"] as const;
export type Sense = typeof senses[number];

const type = {
  tracks: "person.seen",
  hands: "hand.reached",
  looks: "person.recognised",
  counts: "plate.counted",
} as const;

/** Half of a division of a scale of half the resolution. */
const division_g = 10;

export function halved(sense: Sense, seed: string): Filter {
  const chance = chanceOf(`halved ${sense} ${seed}`);
  return (reading) => {
    if (sense === "scales") {
      if (reading.type !== "plate.weighed") return reading;
      return { ...reading, weight_g: Math.round(reading.weight_g / division_g) * division_g };
    }
    if (sense === "exit") {
      if (reading.type !== "shopper.left" || chance.happens(0.5)) return reading;
      return { type: reading.type, cart: reading.cart, at_ms: reading.at_ms };
    }
    return reading.type !== type[sense] || chance.happens(0.5) ? reading : undefined;
  };
}
