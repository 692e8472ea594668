/**
 * Letterboxes on the simulated air: the same desk as behind a real radio, reached by connections
 * that take their time, break with distance and chance, and end where the beacon is out of reach.
 */
import { HardwareError } from "../errors.ts";
import { deliver, lost } from "../letterbox/courier.ts";
import { LetterDesk, LetterRefusal, refused } from "../letterbox/desk.ts";
import { hardwareLimits } from "../limits.ts";
import type { Clerk, LetterboxPort, PhoneLettersPort } from "../ports.ts";
import type { Chance } from "./chance.ts";
import type { FloorClock } from "./walker.ts";

/** Connecting, and then each write and read, take a few of a connection's intervals. */
const connect_ms = 300;
const exchange_ms = 30;

export class SimulatedLetterbox implements LetterboxPort {
  #desk: LetterDesk | undefined;

  constructor(readonly hardware_id: string, private readonly clock: FloorClock) {}

  open(clerk: Clerk): Promise<void> {
    const { clock } = this;
    this.#desk = new LetterDesk({ clerk, now_ms: () => clock.now_ms() });
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#desk = undefined;
    return Promise.resolve();
  }

  /** What a phone that is connected reaches. */
  get desk(): LetterDesk | undefined {
    return this.#desk;
  }
}

export interface SimulatedLettersOptions {
  readonly phone: string;
  readonly clock: FloorClock;
  readonly chance: Chance;
  /** Share of writes and reads at which the connection breaks. */
  readonly breaks: number;
  /** The letterbox, while the phone is where its beacon is heard. */
  readonly reach: (hardware_id: string) => SimulatedLetterbox | undefined;
}

export class SimulatedLetters implements PhoneLettersPort {
  readonly #options: SimulatedLettersOptions;
  #exchange = 0;

  constructor(options: SimulatedLettersOptions) {
    this.#options = options;
  }

  async hand(
    hardware_id: string,
    letter: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { phone } = this.#options;
    const pause = (delay_ms: number) =>
      new Promise<void>((resolve) => void this.#options.clock.after(delay_ms, resolve));
    if (this.#options.reach(hardware_id)?.desk === undefined) throw missing(hardware_id);
    await pause(connect_ms);
    const across = async <T>(act: (desk: LetterDesk) => T): Promise<T> => {
      await pause(exchange_ms);
      const desk = this.#options.reach(hardware_id)?.desk;
      const broken = this.#options.chance.happens(this.#options.breaks);
      if (desk === undefined || broken) {
        desk?.gone(phone);
        throw lost(hardware_id);
      }
      try {
        return act(desk);
      } catch (error) {
        if (error instanceof LetterRefusal) throw refused(hardware_id, error.kind);
        throw error;
      }
    };
    const link = {
      value_bytes: hardwareLimits.gatt_value_bytes,
      write: (value: Uint8Array<ArrayBuffer>) => across((desk) => inPieces(desk, phone, value)),
      read: () => across((desk) => desk.read(phone, 0)),
    };
    this.#exchange = (this.#exchange + 1) & 0xff;
    const exchange = this.#exchange;
    return await deliver(link, { hardware_id, letter, exchange, signal, pause });
  }
}

/** As a real connection splits a long value: so many bytes at a time. */
const long_write_bytes = 182;

function inPieces(desk: LetterDesk, phone: string, value: Uint8Array): void {
  for (let offset = 0; offset < value.length; offset += long_write_bytes) {
    desk.write(phone, value.subarray(offset, offset + long_write_bytes), offset);
  }
}

function missing(hardware_id: string): HardwareError {
  return new HardwareError(
    "device_missing",
    `beacon ${hardware_id} is not heard here, or has no letterbox`,
  );
}
