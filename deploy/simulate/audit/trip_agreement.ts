/** The look at a walk-out trip when its store is shut: issuer, acquirer, retailer, gateway and
 * shopper each have a book of it, and all must tell the same. */
import type { Report } from "./finding.ts";
import type { Journey } from "./trips.ts";

/** The books of others, as they stand. */
export interface TripFiles {
  trip(trip: string): {
    readonly account: string;
    readonly state: string;
    readonly evidence: string;
    readonly total_minor: number;
    readonly ended_at_ms: number | null;
  } | undefined;
  payment(trip: string): {
    readonly state: string;
    readonly captured_minor: number;
    readonly refunded_minor: number;
    readonly receipt: string | null;
  } | undefined;
  disputes(trip: string): readonly {
    readonly dispute: string;
    readonly amount_minor: number;
    readonly granted: number | null;
    readonly raised_at_ms: number;
  }[];
  /** What the retailer has of a trip. */
  purchase(trip: string): { readonly id: string; readonly state: string } | undefined;
  /** What the retailer calls the payment. */
  retailerReceipt(trip: string): string | undefined;
  /** Units of each product in the retailer's books. */
  stock(): ReadonlyMap<string, { readonly began: number; readonly left: number }>;
}

const sold = ["paid", "disputed", "settled"];
const unsold = ["unpaid", "cancelled", "unsold"];

export function agreeOnTrip(
  report: Report,
  journey: Journey,
  files: TripFiles,
  last: boolean,
): void {
  const { trip, state, doubtful } = journey;
  const row = files.trip(trip);
  const wrong = (detail: string) => report("the books agree on a trip", `${trip}: ${detail}`, trip);
  const taken = [...journey.captured.values()].reduce((sum, some) => sum + some, 0);
  if (row === undefined) {
    if (taken > 0 || journey.held.size > 0) wrong("money moved, and the issuer has no trip");
    if (last && !doubtful && !["nothing", ...unsold].includes(state)) {
      wrong(`the gateway has it as ${state}, the issuer not at all`);
    }
    return;
  }
  const over = row.ended_at_ms !== null;
  if (last && !over) return report("every trip comes to its end", `${trip} is ${row.state}`, trip);
  if (!over) return;
  money(wrong, journey, files, taken);
  if (last) ends(wrong, journey, files, row.state);
}

function money(
  wrong: (detail: string) => void,
  { trip, held, refunded_minor }: Journey,
  files: TripFiles,
  taken: number,
): void {
  const row = files.trip(trip)!;
  const payment = files.payment(trip);
  if (held.size > 0) wrong(`${[...held.keys()].join(" ")} is still held`);
  if ((row.state === "paid") !== (taken > 0)) wrong(`${row.state}, the acquirer took ${taken}`);
  if (taken > 0 && row.total_minor !== taken) wrong(`${row.total_minor}, taken was ${taken}`);
  if ((payment?.captured_minor ?? 0) !== taken) {
    wrong(`the issuer's payment has ${payment?.captured_minor}, taken was ${taken}`);
  }
  if ((payment?.refunded_minor ?? 0) !== refunded_minor) {
    wrong(`the issuer gave back ${payment?.refunded_minor}, the acquirer ${refunded_minor}`);
  }
}

function ends(
  wrong: (detail: string) => void,
  { trip, state, handed, purchase, receipt, returned, doubtful }: Journey,
  files: TripFiles,
  ended: string,
): void {
  const payment = files.payment(trip);
  const known = files.purchase(trip);
  if (known?.id !== purchase) wrong(`the retailer calls it ${known?.id}, and told ${purchase}`);
  if (known?.state === "paid" && files.retailerReceipt(trip) !== payment?.receipt) {
    wrong("the retailer's receipt is another");
  }
  if (ended === "paid" && receipt !== payment?.receipt) {
    wrong("the shopper's receipt is another, or none");
  }
  for (const { dispute, granted } of files.disputes(trip)) {
    if (granted === null) wrong(`${dispute} was never decided`);
    if (granted === 1 && !doubtful && !returned.has(dispute)) {
      wrong(`${dispute} was granted, and the retailer has not heard of it`);
    }
  }
  if (doubtful) return;
  if (handed.length > 0 && purchase === undefined) wrong("the retailer has never heard of it");
  if (ended === "paid" && !sold.includes(state)) wrong(`paid, and the cart is ${state}`);
  if (ended !== "paid" && state !== "nothing" && !unsold.includes(state)) {
    wrong(`${ended}, and the cart is ${state}`);
  }
}
