/**
 * What makes a charge unusual enough to ask the shopper although it is below every limit: too many
 * in a short time, or two places that nobody gets between so fast.
 */
import { issuerLimits as limits } from "../limits.ts";
import type { PaymentRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Store } from "./merchants.ts";

const charged: readonly PaymentRow["state"][] = ["authorised", "capturing", "captured"];
const earth_km = 6_371;

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Great-circle distance (haversine). */
function distance_km(from: Place, to: Place): number {
  const radians = (degrees: number) => degrees * Math.PI / 180;
  const half = (a: number, b: number) => Math.sin(radians(b - a) / 2) ** 2;
  const chord = half(from.latitude, to.latitude) +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) *
      half(from.longitude, to.longitude);
  return 2 * earth_km * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Undefined for what is usual. */
export function riskOf(house: House, account: string, store: Store): string | undefined {
  const { clock, settings, store: { tables } } = house;
  const now_ms = clock.now_ms();
  const since = { above: now_ms - limits.velocity_ms };
  const lately = tables.payment.all("of_account", [account], since)
    .filter(({ state }) => charged.includes(state));
  if (lately.length >= settings.velocity_sales) return "risk_velocity";
  const last = lately.findLast((row) => row.store !== store.store);
  const from = last && placeOf(tables.store.get(last.store)?.place ?? null);
  const to = placeOf(store.place);
  if (!last || !from || !to) return undefined;
  const hours = Math.max(1, now_ms - last.at_ms) / 3_600_000;
  return distance_km(from, to) / hours > limits.travel_km_per_h ? "risk_distance" : undefined;
}

function placeOf(text: string | null): Place | undefined {
  return text === null ? undefined : JSON.parse(text);
}
