/**
 * The plan of a simulated shop: where its zones, lanes, cameras and beacons are. `layOut` draws a
 * plausible one from the names that a store's configuration has, so that nobody measures a shop
 * that does not exist.
 *
 * Metres from a corner: x along the lanes, y from the lanes (0) to the street.
 */

export interface Spot {
  readonly x_m: number;
  readonly y_m: number;
}

/** A part of the shop in which shoppers look at goods. */
export interface PlanZone {
  readonly id: string;
  readonly corner: Spot;
  readonly width_m: number;
  readonly depth_m: number;
}

export interface PlanLane {
  readonly id: string;
  readonly zone: string;
  /** Where the person who pays stands. */
  readonly pay_position: Spot;
  /** Where the next ones stand, nearest first. Nobody queues beyond the last place. */
  readonly queue: readonly Spot[];
}

/** A camera above a till. It looks straight along +y. */
export interface PlanCamera {
  readonly id: string;
  readonly lane: string;
  readonly at: Spot;
  readonly height_m: number;
}

export interface PlanBeacon {
  readonly hardware_id: string;
  readonly zone: string;
  readonly at: Spot;
  /** What a phone reads one metre away. */
  readonly power_at_1m_dbm: number;
  /** Another radio of the gateway's stands beside it. */
  readonly reads_nonce: boolean;
}

export interface Plan {
  readonly zones: readonly PlanZone[];
  readonly lanes: readonly PlanLane[];
  readonly cameras: readonly PlanCamera[];
  readonly beacons: readonly PlanBeacon[];
  readonly entrance: Spot;
  readonly exit: Spot;
}

/** What a configuration knows of a shop: names, and which belongs to which. */
export interface ShopNames {
  readonly lanes: readonly {
    readonly id: string;
    readonly zone: string;
    readonly camera: string;
  }[];
  readonly beacons: readonly {
    readonly hardware_id: string;
    readonly zone: string;
    readonly device?: { readonly kind: string; readonly reads_nonce?: boolean };
  }[];
}

const lane_pitch_m = 3;
const till_to_payer_m = 0.9;
const queue_step_m = 1;
const queue_places = 3;
/** Queues are never straight: who waits stands a little to the side and can be seen. */
const queue_sway_m = 0.42;
const browsing_from_m = 6;
const browsing_depth_m = 4;

/** A plan for the named lanes and beacons: zones side by side, lanes along one wall. */
export function layOut(names: ShopNames): Plan {
  const ids = [...new Set([...names.lanes, ...names.beacons].map((one) => one.zone))];
  const zones: PlanZone[] = [];
  const lanes: PlanLane[] = [];
  const cameras: PlanCamera[] = [];
  const beacons: PlanBeacon[] = [];
  let left_m = 0;
  for (const id of ids) {
    const own = names.lanes.filter((lane) => lane.zone === id);
    const width_m = Math.max(6, own.length * lane_pitch_m);
    zones.push({
      id,
      corner: { x_m: left_m, y_m: browsing_from_m },
      width_m,
      depth_m: browsing_depth_m,
    });
    for (const [place, lane] of own.entries()) {
      const x_m = left_m + (place + 0.5) * lane_pitch_m;
      cameras.push({ id: lane.camera, lane: lane.id, at: { x_m, y_m: 0 }, height_m: 1.5 });
      lanes.push({ id: lane.id, zone: id, ...standingPlaces(x_m) });
    }
    const hung = names.beacons.filter((beacon) => beacon.zone === id);
    for (const [place, beacon] of hung.entries()) {
      const at = { x_m: left_m + width_m * (place + 1) / (hung.length + 1), y_m: 4 };
      const { hardware_id, device: { reads_nonce = false } = {} } = beacon;
      beacons.push({ hardware_id, zone: id, at, power_at_1m_dbm: -59, reads_nonce });
    }
    left_m += width_m;
  }
  const street_m = browsing_from_m + browsing_depth_m + 1;
  return {
    zones,
    lanes,
    cameras,
    beacons,
    entrance: { x_m: 0.5, y_m: street_m },
    exit: { x_m: Math.max(1, left_m - 0.5), y_m: street_m },
  };
}

function standingPlaces(x_m: number): Pick<PlanLane, "pay_position" | "queue"> {
  const queue = Array.from({ length: queue_places }, (_, place) => ({
    x_m: x_m + (place % 2 === 0 ? queue_sway_m : -queue_sway_m - 0.1 * place),
    y_m: till_to_payer_m + (place + 1) * queue_step_m,
  }));
  return { pay_position: { x_m, y_m: till_to_payer_m }, queue };
}

/** Metres between two spots. */
export function distanceBetween(a: Spot, b: Spot): number {
  return Math.hypot(a.x_m - b.x_m, a.y_m - b.y_m);
}
