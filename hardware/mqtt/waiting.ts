/**
 * Readings from a broker that wait for whoever reads. When there are too many the oldest senses go,
 * since what is new says more; what gates told goes last: each of those is a person.
 */

const isOfGate = (reading: unknown): boolean =>
  typeof reading === "object" && reading !== null && "type" in reading &&
  typeof reading.type === "string" && reading.type.startsWith("gate.");

export class WaitingReadings {
  #waiting: unknown[] = [];

  constructor(readonly most: number) {}

  /** In their order, behind all others. */
  add(readings: readonly unknown[]): void {
    // One by one: a message may hold more than a call takes arguments.
    for (const reading of readings) this.#waiting.push(reading);
    const surplus = this.#waiting.length - this.most;
    if (surplus <= 0) return;
    let gone = 0;
    this.#waiting = this.#waiting.filter((reading) => {
      if (gone === surplus || isOfGate(reading)) return true;
      gone += 1;
      return false;
    });
    this.#waiting.splice(0, surplus - gone);
  }

  get size(): number {
    return this.#waiting.length;
  }

  next(): unknown {
    return this.#waiting.shift();
  }
}
