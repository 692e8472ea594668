/**
 * What a start says to the actors: to sales that it finds without an end, before anything else
 * happens to them, and to those that stand for equipment and places, what they are. All of it is
 * posted before the engine starts, which then takes it first, however much waits for the issuer: a
 * gateway that stopped with a full outbox has to come up to empty it.
 */
import { type Address, standInAddress, type StoreConfigured } from "../../actors/messages.ts";
import { type Config, lanePolicy, standInLimits } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import type { Journal, JournalHead } from "../journal/journal.ts";
import { limits } from "../limits.ts";

/** Tells the latest payments that have no end that they were there before this start: the disk may
 * be an old one, and the issuer may know how they ended. Those that search for a payer are among
 * them, for a search takes minutes. */
export async function resumeSales(engine: Engine, journal: Journal): Promise<void> {
  const event: StoreConfigured = { type: "store.sale_resumed" };
  const open = journal.addresses("payment", limits.resumed_sales)
    .filter((address) => journal.actor(address)?.done === false);
  await Promise.all(open.map((address) => engine.post(address as Address, event)));
}

/** Whether a backup may have been put in the place of the disk: one that was written to a moment
 * ago is none, since nobody puts a copy back that fast. An empty one has forgotten everything,
 * unless the gateway itself is new: its keys were made just now. */
export function mayBeOld(
  { starts, at_ms }: JournalHead,
  now_ms: number,
  made_at_ms: number = now_ms,
): boolean {
  const isEmpty = starts === 1;
  const age_ms = now_ms - (isEmpty ? made_at_ms : at_ms);
  const fresh_ms = isEmpty ? limits.new_gateway_ms : limits.fresh_disk_ms;
  return !(age_ms >= 0 && age_ms < fresh_ms);
}

/** Tells the actors that stand for equipment and places what they are, at every start, before the
 * engine goes on. */
export async function configure(
  engine: Engine,
  config: Config,
  disk_may_be_old: boolean,
): Promise<void> {
  const told: Promise<unknown>[] = [];
  const tell = (to: Address, event: StoreConfigured) => told.push(engine.post(to, event));
  tell(standInAddress, { type: "store.stand_in_configured", limits: standInLimits(config) });
  for (const lane of config.lanes) {
    const { zone, camera } = lane;
    const policy = lanePolicy(config, lane);
    // First the camera: a lane in mid-sale asks it at once to look again.
    tell(`camera/${camera}`, { type: "store.camera_configured", zone, lane: lane.id });
    tell(`lane/${lane.id}`, {
      type: "store.lane_configured",
      zone,
      camera,
      policy,
      ...(disk_may_be_old ? { disk_may_be_old } : {}),
    });
  }
  for (const { id, zone, face_camera: camera } of config.aisle?.gates ?? []) {
    if (camera === undefined) continue;
    tell(`camera/${camera}`, { type: "store.camera_configured", zone, lane: "", gate: id });
  }
  for (const { hardware_id, zone } of config.beacons) {
    tell(`beacon/${hardware_id}`, { type: "store.beacon_configured", zone, hardware_id });
  }
  const { show_ms, per_shopper, per_display, within_ms } = config.content;
  const policy = { show_ms, per_shopper, per_display, within_ms };
  for (const { zone, languages } of config.displays) {
    tell(`display/${zone}`, { type: "store.display_configured", languages, policy });
  }
  const lanes = config.lanes.map((lane) => lane.id);
  tell("link/issuer", { type: "store.link_configured", lanes });
  await Promise.all(told);
}
