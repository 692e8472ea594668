/**
 * A whole simulated shop behind the hardware ports: its people, its air and its cameras. All time
 * comes from the given clock and all chance from the seed, so that the same two give the same
 * walk.
 */
import type { Devices, PhoneLettersPort, PhoneRadioPort } from "../ports.ts";
import { SimulatedCamera } from "./camera.ts";
import { chanceOf } from "./chance.ts";
import { busyPace, Crowd, type Pace, type Told } from "./crowd.ts";
import type { Side } from "./movement.ts";
import type { Plan } from "./plan.ts";
import { type Air, Radio, shopAir } from "./radio.ts";
import type { Body, FloorClock, Regular } from "./walker.ts";

export interface FloorSetting {
  readonly plan: Plan;
  readonly seed: number | string;
  readonly clock: FloorClock;
  /** Whoever comes to this shop at all; each is inside at most once at a time. */
  readonly people: readonly Regular[];
  readonly pace?: Partial<Pace>;
  readonly air?: Partial<Air>;
  readonly frames_per_s?: number;
}

export interface Floor {
  /** What a gateway is wired to; `close` takes the power from all of it. */
  readonly devices: Devices;
  readonly plan: Plan;
  /** Opens the door: people begin to come. */
  open(): void;
  /** Nobody comes any more; who is inside can still be served. */
  shut(): void;
  /** Calls with everything that happens, as it happens; the result stops it. */
  watch(listener: (told: Told) => void): () => void;
  /** The radio of a shopper's phone, which is where the shopper is. */
  phone(shopper: string): PhoneRadioPort;
  /** How that phone reaches the letterboxes of beacons nearby, without a network. */
  letters(shopper: string): PhoneLettersPort;
  /** Who stands at the lane's pay position: the truth that a cashier sees. */
  standing(lane: string): string | undefined;
  /** Lets the one at the pay position go; undefined when nobody stood there any more. */
  release(lane: string): string | undefined;
  /** How many faces the lane's camera has before it. */
  inView(lane: string): number;
  /** Whoever stands at the pay position, if anybody does, turns the head to a side of theirs and
   * holds it there; without a side, looks back. */
  turn(lane: string, side?: Side): void;
  /** Everybody inside and where. */
  bodies(): readonly Body[];
}

export function createFloor(setting: FloorSetting): Floor {
  const { plan, clock } = setting;
  const chance = chanceOf(`${setting.seed}`);
  const listeners = new Set<(told: Told) => void>();
  const crowd = new Crowd({
    plan,
    clock,
    chance: chance.fork("crowd"),
    people: setting.people,
    pace: { ...busyPace, ...setting.pace },
    tell: (told) => {
      for (const listener of [...listeners]) listener(told);
    },
  });
  const radio = new Radio({
    beacons: plan.beacons,
    air: { ...shopAir, ...setting.air },
    chance: chance.fork("radio"),
    clock,
    where: (shopper) => crowd.where(shopper),
  });
  const cameras = new Map(plan.cameras.map((camera) => [
    camera.id,
    new SimulatedCamera({
      plan: camera,
      seed: `${setting.seed}`,
      clock,
      frames_per_s: setting.frames_per_s ?? 5,
      bodies: () => crowd.bodies(),
    }),
  ]));
  const close = () => {
    crowd.freeze();
    radio.close();
    for (const camera of cameras.values()) camera.unplug();
    return Promise.resolve();
  };
  return {
    devices: {
      cameras,
      beacons: radio.beacons,
      letterboxes: radio.letterboxes,
      nonce_ways: radio.nonce_ways,
      close,
    },
    plan,
    open: () => crowd.open(),
    shut: () => crowd.shut(),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    phone: (shopper) => radio.phone(shopper),
    letters: (shopper) => radio.letters(shopper),
    standing: (lane) => crowd.standing(lane),
    release: (lane) => crowd.release(lane),
    inView: (lane) => {
      const camera = plan.cameras.find((one) => one.lane === lane);
      return camera === undefined ? 0 : cameras.get(camera.id)?.faces() ?? 0;
    },
    turn(lane, side) {
      const shopper = crowd.standing(lane);
      const person = setting.people.find((one) => one.shopper === shopper);
      const camera = plan.cameras.find((one) => one.lane === lane);
      if (person && camera) cameras.get(camera.id)?.ask(person.identity, side);
    },
    bodies: () => crowd.bodies(),
  };
}
