/**
 * Readings from a broker that wait for whoever reads. When there are too many the oldest senses go,
 * since what is new says more. What gates told stays: each of those is a person, and the broker is
 * told that it has come when it was taken.
 */

const isOfGate = (reading: unknown): boolean =>
  typeof reading === "object" && reading !== null && "type" in reading &&
  typeof reading.type === "string" && reading.type.startsWith("gate.");

export interface Waiting {
  readonly reading: unknown;
  /** To be called when this one was taken: the message's last that must not be lost. */
  readonly taken?: () => void;
}

export class WaitingReadings {
  #waiting: Waiting[] = [];

  constructor(readonly most: number) {}

  /** In their order, behind all others. `taken` is called at once for a message of senses alone,
   * else with its last reading of a gate: whoever adds the next only then fills no memory. */
  add(readings: readonly unknown[], taken: () => void): void {
    const last = readings.findLastIndex(isOfGate);
    // One by one: a message may hold more than a call takes arguments.
    for (const [index, reading] of readings.entries()) {
      this.#waiting.push(index === last ? { reading, taken } : { reading });
    }
    this.#dropSenses(this.#waiting.length - this.most);
    if (last === -1) taken();
  }

  get size(): number {
    return this.#waiting.length;
  }

  next(): Waiting | undefined {
    return this.#waiting.shift();
  }

  #dropSenses(surplus: number): void {
    if (surplus <= 0) return;
    let gone = 0;
    this.#waiting = this.#waiting.filter(({ reading }) => {
      if (gone === surplus || isOfGate(reading)) return true;
      gone += 1;
      return false;
    });
  }
}
