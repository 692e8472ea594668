/**
 * Carts that an earlier tracker left open, and the plates as it left them: as long as each plate is
 * found as it was, nothing was taken while nobody looked.
 */

export class Resumed {
  /** How sure the earlier tracker was of each. */
  readonly #carts = new Map<string, number>();
  /** Plates that have not been weighed since, with what they weighed. */
  readonly #left = new Map<string, number>();

  /** Scales say the same within `tolerance_g`. `forgot` is told of each cart that cannot be certain
   * any more, once. */
  constructor(readonly tolerance_g: number, readonly forgot: (cart: string) => void) {}

  /** A plate as it was left. */
  left(plate: string, level_g: number): void {
    this.#left.set(plate, level_g);
  }

  /** A cart goes on with what it held. */
  goesOn(cart: string, confidence: number): void {
    this.#carts.set(cart, confidence);
  }

  /** True while the plate may have changed unseen. */
  awaits(plate: string): boolean {
    return this.#left.has(plate);
  }

  /** What a scale says: the first word of each is held against what it said before. */
  weighed(plate: string, weight_g: number): void {
    const before_g = this.#left.get(plate);
    if (before_g === undefined) return;
    this.#left.delete(plate);
    if (Math.abs(weight_g - before_g) < this.tolerance_g) return;
    // Anybody who was inside may have done it.
    for (const cart of this.#carts.keys()) this.forgot(cart);
    this.#carts.clear();
  }

  /** A cart closes: with a plate that was not weighed since, it cannot be certain. */
  closes(cart: string): void {
    if (this.#carts.delete(cart) && this.#left.size > 0) this.forgot(cart);
  }

  /** What is sure now was no surer than it was then. */
  confidence(cart: string, now: number): number {
    return now * (this.#carts.get(cart) ?? 1);
  }
}
