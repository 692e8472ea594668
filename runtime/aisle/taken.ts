/** What decided carts took, as the shelves are told it: by the tracker or by a person. */
import type { Command } from "../../actors/messages.ts";
import type { AisleConfig } from "../config.ts";
import type { Engine, EventLike } from "../engine/engine.ts";

export interface Told {
  readonly shelf: string;
  readonly fact: EventLike;
}

/** What each shelf is told: of the plate from which a line was seen to be taken, or else of the
 * only one on which such things lie. Of what may be from several nobody is told. */
export function takenFrom(
  shelves: AisleConfig["shelves"],
  { cart, lines }: Extract<Command, { type: "shelf.note_taken" }>,
): Told[] {
  const places = shelves.flatMap(({ id: shelf, plates }) =>
    plates.map(({ id: plate, stock }) => ({ shelf, plate, stock }))
  );
  return lines.flatMap(({ gtin, units, plate: seen }) => {
    const [place, ...others] = places.filter(({ plate, stock }) =>
      seen === null ? Object.hasOwn(stock, gtin) : plate === seen
    );
    if (place === undefined || others.length > 0) return [];
    const { shelf, plate } = place;
    return [{ shelf, fact: { type: "cart.took", cart, plate, gtin, units } }];
  });
}

/** Rejects as `Engine.post` does. */
export async function tellShelves(
  engine: Pick<Engine, "post">,
  told: readonly Told[],
): Promise<void> {
  await Promise.all(told.map(({ shelf, fact }) => engine.post(`shelf/${shelf}`, fact)));
}
