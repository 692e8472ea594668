/** A floor in squares, so that those near a place are found without asking everybody. */

interface Spot {
  x: number;
  y: number;
}

/** Who stands in which square; squares are as wide as the longest distance of interest. */
export class Floor<Who> {
  readonly #squares = new Map<string, Set<Who>>();
  readonly #spots = new Map<Who, Spot>();

  constructor(readonly side_m: number) {}

  move(who: Who, x_m: number, y_m: number): void {
    const x = Math.floor(x_m / this.side_m);
    const y = Math.floor(y_m / this.side_m);
    const spot = this.#spots.get(who);
    if (spot !== undefined && spot.x === x && spot.y === y) return;
    this.leave(who);
    this.#spots.set(who, { x, y });
    const key = `${x} ${y}`;
    const square = this.#squares.get(key);
    if (square === undefined) this.#squares.set(key, new Set([who]));
    else square.add(who);
  }

  leave(who: Who): void {
    const spot = this.#spots.get(who);
    if (spot === undefined) return;
    this.#spots.delete(who);
    const key = `${spot.x} ${spot.y}`;
    const square = this.#squares.get(key);
    square?.delete(who);
    if (square?.size === 0) this.#squares.delete(key);
  }

  /** Those in the square of this place and in the eight around it. */
  *near(x_m: number, y_m: number): Generator<Who> {
    yield* this.#within(x_m, y_m, 1);
  }

  /** Those up to `steps` squares away. */
  *#within(x_m: number, y_m: number, steps: number): Generator<Who> {
    const x = Math.floor(x_m / this.side_m);
    const y = Math.floor(y_m / this.side_m);
    for (let across = -steps; across <= steps; across++) {
      for (let along = -steps; along <= steps; along++) {
        yield* this.#squares.get(`${x + across} ${y + along}`) ?? [];
      }
    }
  }

  /** Those who may have been near within some seconds before: a change is looked at after its
   * time, and people walk. */
  *around(x_m: number, y_m: number): Generator<Who> {
    yield* this.#within(x_m, y_m, 8);
  }
}
