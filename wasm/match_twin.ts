/**
 * The plain twin of the gallery: the same answers from loops that anyone can check. It defines what
 * a score is, and the kernel must agree with it in every bit.
 */

/** One found template: best first, equal scores in the order of their ids' code units. */
export interface Match {
  readonly id: string;
  /** Dot product of two unit vectors, -1 to 1: see `score`. */
  readonly score: number;
}

/**
 * The score of two vectors: the dot product of their f32 values, summed in f64 in a fixed order
 * (lane l takes positions l, l + 8, l + 16, …; then the lanes are added in pairs as below) and
 * rounded to f32. The products are exact in f64, so every machine gives the same bits.
 */
export function score(probe: Float32Array, template: Float32Array): number {
  const lanes = new Float64Array(8);
  for (let i = 0; i < probe.length; i += 8) {
    for (let lane = 0; lane < 8; lane++) {
      lanes[lane]! += probe[i + lane]! * template[i + lane]!;
    }
  }
  const even = (lanes[0]! + lanes[2]!) + (lanes[4]! + lanes[6]!);
  const odd = (lanes[1]! + lanes[3]!) + (lanes[5]! + lanes[7]!);
  return Math.fround(even + odd);
}

/** Orders matches: higher score first, then the smaller id. */
export function compareMatches(a: Match, b: Match): number {
  if (a.score !== b.score) return b.score - a.score;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** A gallery as a map and a sort. It trusts its input. */
export class GalleryTwin {
  readonly #templates = new Map<string, Float32Array>();

  get size(): number {
    return this.#templates.size;
  }

  add(id: string, template: Float32Array): void {
    this.#templates.set(id, template.slice());
  }

  remove(id: string): boolean {
    return this.#templates.delete(id);
  }

  clear(): void {
    this.#templates.clear();
  }

  search(
    probe: Float32Array,
    options: { k: number; threshold?: number },
  ): Match[] {
    const found: Match[] = [];
    for (const [id, template] of this.#templates) {
      const match = { id, score: score(probe, template) };
      if (match.score >= (options.threshold ?? -Infinity)) found.push(match);
    }
    return found.sort(compareMatches).slice(0, options.k);
  }
}
