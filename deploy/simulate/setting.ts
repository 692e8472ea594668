/**
 * The simulated shop: two halls with a beacon each, six lanes; one has no cashier, two ask those
 * who they are whom the camera cannot tell apart, one asks everybody, by initials or digits that
 * are said aloud. And a walk-out aisle.
 */
import { parseConfig } from "../../runtime/config.ts";
import { aisle_zone, aislePlan, gate_camera } from "./aisle/plan.ts";

/** Where the lanes are. */
export const halls = ["north", "south"] as const;
const challenges: Readonly<Record<number, "ambiguous" | "always">> = {
  3: "ambiguous",
  4: "ambiguous",
  5: "always",
};
const lanes = [1, 2, 3, 4, 5, 6].map((number) => ({
  id: String(number),
  name: `Lane ${number}`,
  zone: halls[number % 2] ?? "north",
  camera: `till-${number}`,
  selection: number === 6 ? "automatic" : "operator",
  challenge: challenges[number] ?? "never",
  ...(challenges[number] === undefined ? {} : { microphone: `ear-${number}` }),
}));

export const shop = parseConfig({
  store: {
    id: "simulated",
    name: "Simulated Market",
    merchant: "simulated-foods",
    currency: "EUR",
    jurisdiction: "DE",
    timezone: "Europe/Berlin",
  },
  gateway: { id: "simulated-1" },
  issuer: { url: "http://127.0.0.1:8490" },
  zones: [...halls, aisle_zone].map((id) => ({ id, name: id })),
  lanes,
  beacons: [...halls, aisle_zone].map((zone) => ({
    hardware_id: `beacon-${zone}`,
    zone,
    device: { kind: "simulated" },
  })),
  cameras: [...lanes, { camera: gate_camera, zone: aisle_zone }]
    .map(({ camera, zone }) => ({ id: camera, zone, device: { kind: "simulated" } })),
  microphones: lanes.flatMap(({ microphone: id }) =>
    id === undefined ? [] : [{ id, device: { kind: "simulated" } }]
  ),
  aisle: aislePlan,
  policies: { selection_timeout_ms: 60_000, authorisation_timeout_ms: 15_000 },
});

export const gatewayUrl = "http://127.0.0.1:8480";
/** Somewhere to begin; days of a payment's id follow from it. */
export const start_ms = 1_790_000_000_000;
/** Shoppers who come in an hour of the busy store that this is. */
export const shoppers_per_hour = 600;
/** People who ever come here: each comes again and again. */
export const people_of_the_town = 480;

/** How all talk to each other: over HTTP as it ships, or by the same words without it. */
export type WireKind = "http" | "direct";
