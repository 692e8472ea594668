/** Each sense of the store at half strength: every other word of it is lost, or, of a scale, half
 * of its resolution, or, of counts, half of the cameras. What a tracker loses by that says what it
 * got from it. */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import type { Reading } from "../../runtime/tracking/readings.ts";
import type { Filter } from "./trial.ts";

export const senses = ["scales", "tracks", "hands", "looks", "counts", "exit"] as const;
export type Sense = typeof senses[number];

/** Half of a division of a scale of half the resolution. */
const division_g = 10;

const coarse: Filter = (reading) =>
  reading.type !== "plate.weighed" ? reading : {
    ...reading,
    weight_g: Math.round(reading.weight_g / division_g) * division_g,
  };

const everyOther = (type: Reading["type"], chance: Chance): Filter => (reading) =>
  reading.type !== type || chance.happens(0.5) ? reading : undefined;

/** A camera says what it counts again and again: with every other word of it lost it has still said
 * all. */
function halfOfPlatesCounted(chance: Chance): Filter {
  const counted = new Map<string, boolean>();
  return (reading) => {
    if (reading.type !== "plate.counted") return reading;
    const told = counted.get(reading.plate) ?? chance.happens(0.5);
    counted.set(reading.plate, told);
    return told ? reading : undefined;
  };
}

const halfOfBagsWeighed = (chance: Chance): Filter => (reading) => {
  if (reading.type !== "shopper.left" || chance.happens(0.5)) return reading;
  return { type: reading.type, cart: reading.cart, at_ms: reading.at_ms };
};

const half: Readonly<Record<Sense, (chance: Chance) => Filter>> = {
  scales: () => coarse,
  tracks: (chance) => everyOther("person.seen", chance),
  hands: (chance) => everyOther("hand.reached", chance),
  looks: (chance) => everyOther("person.recognised", chance),
  counts: halfOfPlatesCounted,
  exit: halfOfBagsWeighed,
};

export function halved(sense: Sense, seed: string): Filter {
  return half[sense](chanceOf(`halved ${sense} ${seed}`));
}
