/**
 * The air of a simulated shop: beacons that advertise, and the radios of phones in pockets that
 * hear them with loss and noise, the weaker the farther away.
 */
import { HardwareError } from "../errors.ts";
import type {
  Advertisement,
  BeaconPort,
  PhoneLettersPort,
  PhoneRadioPort,
  Sighting,
} from "../ports.ts";
import type { Chance } from "./chance.ts";
import { SimulatedLetterbox, SimulatedLetters, type SimulatedLettersOptions } from "./letterbox.ts";
import type { FloorClock } from "./walker.ts";
import { distanceBetween, type PlanBeacon, type Spot } from "./plan.ts";

/** How the air carries. */
export interface Air {
  /** Milliseconds between two advertisements of a beacon. */
  readonly interval_ms: number;
  /** Path loss exponent of the log-distance model: 2 in the open, more between shelves. */
  readonly path_loss: number;
  /** Standard deviation of what bodies, shelves and antennas add, in dB. */
  readonly shadowing_db: number;
  /** Share of advertisements lost whatever the distance: a scanning phone sleeps now and then. */
  readonly loss: number;
  /** Nothing weaker is heard. */
  readonly sensitivity_dbm: number;
}

export const shopAir: Air = {
  interval_ms: 320,
  path_loss: 2.2,
  shadowing_db: 4,
  loss: 0.15,
  sensitivity_dbm: -92,
};

/**
 * Received power after the log-distance path loss model with log-normal shadowing:
 * `P(d) = P(1 m) - 10 n log10(d / 1 m) + X`, X normal with the given deviation
 * (Rappaport, Wireless Communications, 2nd ed., section 4.9).
 */
export function receivedPower(beacon: PlanBeacon, at: Spot, air: Air, chance: Chance): number {
  return chance.normal(meanPower(beacon, at, air), air.shadowing_db);
}

function meanPower(beacon: PlanBeacon, at: Spot, air: Air): number {
  const distance_m = Math.max(0.3, distanceBetween(beacon.at, at));
  return beacon.power_at_1m_dbm - 10 * air.path_loss * Math.log10(distance_m);
}

export interface RadioSetting {
  readonly beacons: readonly PlanBeacon[];
  readonly air: Air;
  readonly chance: Chance;
  readonly clock: FloorClock;
  /** Undefined while the shopper is not in the shop. */
  readonly where: (shopper: string) => Spot | undefined;
}

type Listener = (sighting: Sighting) => void;

export class Radio {
  readonly beacons: ReadonlyMap<string, BeaconPort>;
  readonly letterboxes: ReadonlyMap<string, SimulatedLetterbox>;
  /** From the gateway's other radio to the beacons that it stands beside. */
  readonly nonce_ways: ReadonlyMap<string, PhoneLettersPort>;
  readonly #setting: RadioSetting;
  readonly #pockets = new Map<string, Set<Listener>>();
  readonly #simulated: SimulatedBeacon[];

  constructor(setting: RadioSetting) {
    this.#setting = setting;
    this.#simulated = setting.beacons.map((plan) => {
      const chance = setting.chance.fork(plan.hardware_id);
      return new SimulatedBeacon(plan.hardware_id, setting, chance, (code) => {
        this.#carry(plan, code, chance);
      });
    });
    this.beacons = new Map(this.#simulated.map((beacon) => [beacon.hardware_id, beacon]));
    this.letterboxes = new Map(
      setting.beacons.map(({ hardware_id }) => [
        hardware_id,
        new SimulatedLetterbox(hardware_id, setting.clock),
      ]),
    );
    const read = setting.beacons.filter(({ reads_nonce }) => reads_nonce);
    this.nonce_ways = new Map(
      read.map(({ hardware_id }) => [
        hardware_id,
        this.#letters(`nonce of ${hardware_id}`, (asked) => this.letterboxes.get(asked)),
      ]),
    );
  }

  /** The way of the phone in somebody's pocket to the letterboxes of beacons in range. */
  letters(shopper: string): PhoneLettersPort {
    return this.#letters(shopper, (hardware_id) => this.#reaches(shopper, hardware_id));
  }

  /** The radio of the phone in somebody's pocket. It hears nothing while they are elsewhere. */
  phone(shopper: string): PhoneRadioPort {
    return {
      listen: (listener) => {
        const pocket = this.#pockets.get(shopper) ?? new Set();
        this.#pockets.set(shopper, pocket.add(listener));
        return () => void pocket.delete(listener);
      },
    };
  }

  /** Takes the power away: beacons answer `device_lost` from now on. */
  close(): void {
    for (const beacon of this.#simulated) beacon.unplug();
    for (const letterbox of this.letterboxes.values()) void letterbox.close();
    this.#pockets.clear();
  }

  #letters(phone: string, reach: SimulatedLettersOptions["reach"]): SimulatedLetters {
    const { chance, clock, air } = this.#setting;
    return new SimulatedLetters({
      phone,
      clock,
      chance: chance.fork(`letters/${phone}`),
      // A connection repeats what is lost: it breaks only when much is lost in a row.
      breaks: air.loss ** 3,
      reach,
    });
  }

  /** The beacon's letterbox, where the shopper hears the beacon on the average. */
  #reaches(shopper: string, hardware_id: string): SimulatedLetterbox | undefined {
    const { air, beacons, where } = this.#setting;
    const at = where(shopper);
    const beacon = beacons.find((one) => one.hardware_id === hardware_id);
    if (at === undefined || beacon === undefined) return undefined;
    const reached = meanPower(beacon, at, air) >= air.sensitivity_dbm;
    return reached ? this.letterboxes.get(hardware_id) : undefined;
  }

  #carry(beacon: PlanBeacon, code: string, chance: Chance): void {
    const { air, clock, where } = this.#setting;
    for (const [shopper, listeners] of this.#pockets) {
      if (listeners.size === 0) continue;
      const at = where(shopper);
      if (at === undefined || chance.happens(air.loss)) continue;
      const rssi_dbm = Math.round(receivedPower(beacon, at, air, chance));
      if (rssi_dbm < air.sensitivity_dbm) continue;
      const { hardware_id } = beacon;
      const sighting: Sighting = { hardware_id, code, rssi_dbm, heard_at_ms: clock.now_ms() };
      for (const listener of [...listeners]) listener(sighting);
    }
  }
}

/** Puts a code on the air every interval until it expires, is replaced or is silenced. */
class SimulatedBeacon implements BeaconPort {
  #air: Advertisement | undefined;
  #plugged = true;
  #cancel: () => void = () => {};

  constructor(
    readonly hardware_id: string,
    private readonly setting: Pick<RadioSetting, "air" | "clock">,
    private readonly chance: Chance,
    private readonly send: (code: string) => void,
  ) {}

  advertise(advertisement: Advertisement): Promise<void> {
    if (!this.#plugged) return Promise.reject(this.#lost());
    const silent = this.#current() === undefined;
    this.#air = advertisement;
    if (silent) this.#again();
    return Promise.resolve();
  }

  readNonce(): Promise<string | undefined> {
    if (!this.#plugged) return Promise.reject(this.#lost());
    return Promise.resolve(this.#current()?.nonce);
  }

  silence(): Promise<void> {
    if (!this.#plugged) return Promise.reject(this.#lost());
    this.#off();
    return Promise.resolve();
  }

  unplug(): void {
    this.#off();
    this.#plugged = false;
  }

  /** What is on the air now; what has expired is forgotten with its nonce. */
  #current(): Advertisement | undefined {
    if (this.#air !== undefined && this.#air.until_ms <= this.setting.clock.now_ms()) this.#off();
    return this.#air;
  }

  #off(): void {
    this.#air = undefined;
    this.#cancel();
  }

  /** A random delay of up to 10 ms is added to each interval (Bluetooth Core, 4.4.2.2.1). */
  #again(): void {
    const { air, clock } = this.setting;
    this.#cancel();
    this.#cancel = clock.after(air.interval_ms + this.chance.between(0, 10), () => {
      const current = this.#current();
      if (current === undefined) return;
      this.#again();
      this.send(current.code);
    });
  }

  #lost(): HardwareError {
    return new HardwareError(
      "device_lost",
      `beacon ${this.hardware_id} has no power: the simulated floor is closed; start it again`,
    );
  }
}
