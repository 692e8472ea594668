/**
 * The templates of those in range, each turned by the rotation under which it came. A probe is
 * turned by each that is in use, so a day that ends leaves no gap: those who came yesterday stand
 * in yesterday's space until they leave.
 */
import { Gallery } from "../../wasm/match.ts";
import type { Match } from "../../wasm/match_twin.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Rotation, type RotationKey, rotationOf } from "../vault/rotation.ts";

interface Part {
  readonly gallery: Gallery;
  readonly rotation: Rotation | undefined;
}

export class RotatedGallery {
  readonly #make: () => Gallery;
  readonly #dim: number;
  /** By the rotation's name; the empty one is of templates that were turned by none. */
  readonly #parts = new Map<string, Part>();

  /** `make` gives an empty gallery for vectors of `dim` numbers; the first is made at once. */
  constructor(dim: number, make: () => Gallery) {
    this.#dim = dim;
    this.#make = make;
    this.#parts.set("", { gallery: make(), rotation: undefined });
  }

  get size(): number {
    return [...this.#parts.values()].reduce((sum, { gallery }) => sum + gallery.size, 0);
  }

  has(id: string): boolean {
    return [...this.#parts.values()].some(({ gallery }) => gallery.has(id));
  }

  /** Throws as `Gallery` does, and `RuntimeError` `overloaded` for too many rotations at once. */
  add(id: string, values: Float32Array, rotation?: RotationKey): void {
    this.#partOf(rotation).gallery.add(id, values);
  }

  /** Overwrites it; a rotation that nobody is turned by any more is forgotten. */
  remove(id: string): void {
    for (const [name, { gallery }] of this.#parts) {
      gallery.remove(id);
      if (gallery.size === 0 && name !== "") this.#parts.delete(name);
    }
  }

  clear(): void {
    for (const [name, { gallery }] of this.#parts) {
      gallery.clear();
      if (name !== "") this.#parts.delete(name);
    }
  }

  /** The best `k` of all, best first, ties by id. The probe is in the model's own space. */
  search(probe: Float32Array, { k }: { readonly k: number }): Match[] {
    const found = [...this.#parts.values()].flatMap(({ gallery, rotation }) => {
      if (gallery.size === 0) return [];
      if (rotation === undefined) return gallery.search(probe, { k });
      const turned = rotation.turn(probe);
      const matches = gallery.search(turned, { k });
      turned.fill(0);
      return matches;
    });
    if (this.#parts.size <= 1) return found;
    return found.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k);
  }

  #partOf(key: RotationKey | undefined): Part {
    const known = this.#parts.get(key?.name ?? "");
    if (known) return known;
    if (this.#parts.size > limits.rotations) {
      throw new RuntimeError(
        "overloaded",
        "templates of too many days at once; end stale check-ins",
      );
    }
    const part = { gallery: this.#make(), rotation: rotationOf(key!.key, this.#dim) };
    this.#parts.set(key!.name, part);
    return part;
  }
}
