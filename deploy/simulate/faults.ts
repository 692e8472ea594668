/**
 * Strikes a simulated store with what its plan holds: partitions, clocks set wrong, devices without
 * power, restarts, old backups. All that is struck is mended by itself, and at once by `mend`.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { BeaconDevice, CameraDevice } from "../../runtime/sim/devices.ts";
import { goodRoad, type RoadState } from "../../runtime/sim/road.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import type { GatewaySide } from "./gateway_side.ts";
import { noFaults, type Plan } from "./plan.ts";
import type { Rogue } from "./rogue.ts";

export interface FaultsSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly gateway: GatewaySide;
  readonly rogue: Rogue;
  readonly retailer: { crash(): void };
  readonly cameras: readonly CameraDevice[];
  readonly beacons: readonly BeaconDevice[];
  /** Between gateway and issuer. */
  readonly link: RoadState;
  /** To the retailer, and from there to the issuer. */
  readonly trade: readonly RoadState[];
  /** Of phones, and of tills. */
  readonly others: readonly RoadState[];
}

const hour_ms = 3_600_000;
const partition_ms = [2_000, 150_000] as const;
/** Longer than any lease. */
const outage_ms = [150_000, 1_800_000] as const;
/** Of a link that comes and goes: how long it is gone, how long it is there, how often. */
const flap_gone_ms = [4_000, 40_000] as const;
const flap_there_ms = [300, 8_000] as const;
const flaps = [3, 12] as const;
const device_ms = [3_000, 120_000] as const;
const backup_every_ms = 900_000;
/** From one day of faults to the next: strikes of an earlier day are void. */
type Strike = () => void;

export class Faults {
  plan: Plan = noFaults;
  readonly #setting: FaultsSetting;
  #day = 0;
  #skew_ms = 0;

  constructor(setting: FaultsSetting) {
    this.#setting = setting;
  }

  /** How wrong the gateway's clock may be, or was today. */
  get skew_ms(): number {
    return this.#skew_ms;
  }

  begin(plan: Plan): void {
    this.#skew_ms = plan.clock_jumps_per_hour > 0 ? plan.clock_jump_ms : 0;
    const { gateway, link, others, chance, rogue, cameras, beacons } = this.#setting;
    this.#day++;
    this.plan = plan;
    this.#spoil(link, plan);
    for (const road of others) road.loss = plan.phone_loss;
    this.#spoilTrade(plan);
    this.#every(plan.partitions_per_hour, () => {
      link.cut = true;
      this.#later(partition_ms, () => void (link.cut = false));
    });
    this.#every(plan.outages_per_hour, () => {
      link.cut = true;
      this.#later(outage_ms, () => void (link.cut = false));
    });
    this.#every(plan.flaps_per_hour, () => this.#flap(Math.round(chance.between(...flaps))));
    this.#every(plan.gateway_restarts_per_hour, () => gateway.restart());
    this.#every(plan.clock_jumps_per_hour, () => {
      gateway.offset_ms = Math.round(chance.between(-1, 1) * plan.clock_jump_ms);
    });
    this.#every(plan.camera_faults_per_hour, () => {
      const camera = chance.pick(cameras);
      camera.set(chance.happens(0.5) ? "dead" : "stalled");
      this.#later(device_ms, () => camera.set("sound"));
    });
    this.#every(plan.radio_faults_per_hour, () => {
      const beacon = chance.pick(beacons);
      beacon.set(chance.happens(0.5) ? "dead" : "hung");
      this.#later(device_ms, () => beacon.set("sound"));
    });
    this.#every(plan.replays_per_hour, () => rogue.strike());
    if (plan.restores_per_hour > 0) {
      gateway.backUp();
      this.#regularly(backup_every_ms, () => gateway.backUp());
      this.#every(plan.restores_per_hour, () => gateway.restore());
    }
  }

  /** The calm: nothing fails any more, and what was broken works. */
  mend(): void {
    const { gateway, link, others, cameras, beacons } = this.#setting;
    this.#day++;
    this.plan = noFaults;
    const { trade } = this.#setting;
    for (const road of [link, ...trade, ...others]) Object.assign(road, goodRoad);
    gateway.offset_ms = 0;
    for (const camera of cameras) camera.set("sound");
    for (const beacon of beacons) beacon.set("sound");
  }

  #spoil(link: RoadState, plan: Plan): void {
    link.loss = plan.link_loss;
    link.slow = plan.link_slow;
    link.slow_ms = 14_000;
    link.duplicate = plan.link_duplicate;
    link.breaks = plan.feed_breaks;
  }

  #spoilTrade(plan: Plan): void {
    const { trade, retailer } = this.#setting;
    for (const road of trade) {
      road.loss = plan.retailer_loss;
      road.slow = plan.retailer_slow;
      road.slow_ms = 30_000;
      road.duplicate = plan.retailer_duplicate;
    }
    this.#every(plan.retailer_outages_per_hour, () => retailer.crash());
  }

  /** Comes and goes so many times. */
  #flap(times: number): void {
    const { link } = this.#setting;
    link.cut = true;
    this.#later(flap_gone_ms, () => {
      link.cut = false;
      if (times > 1) this.#later(flap_there_ms, () => this.#flap(times - 1));
    });
  }

  /** Strikes at random moments, so often an hour on average. */
  #every(per_hour: number, strike: Strike): void {
    if (per_hour <= 0) return;
    const { scheduler, chance } = this.#setting;
    const day = this.#day;
    const next = () => {
      scheduler.after(-hour_ms / per_hour * Math.log(1 - chance.next()), () => {
        if (day !== this.#day) return;
        strike();
        next();
      });
    };
    next();
  }

  #regularly(interval_ms: number, strike: Strike): void {
    const day = this.#day;
    this.#setting.scheduler.after(interval_ms, () => {
      if (day !== this.#day) return;
      strike();
      this.#regularly(interval_ms, strike);
    });
  }

  #later([low, high]: readonly [number, number], strike: Strike): void {
    const { scheduler, chance } = this.#setting;
    const day = this.#day;
    scheduler.after(chance.between(low, high), () => {
      if (day === this.#day) strike();
    });
  }
}
