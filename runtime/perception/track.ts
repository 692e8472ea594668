/**
 * The same person over several frames. A track follows a face by place and by likeness at once:
 * whoever takes somebody's place begins anew and inherits nothing.
 */
import type { Landmarks } from "./align.ts";
import { Beside, type BesideRule, type BesideSign } from "./beside.ts";
import type { Surroundings } from "./carried.ts";
import { type ChallengeRule, challengeRule } from "./challenge.ts";
import { type Box, intersectionOverUnion } from "./detect.ts";
import { cosine, middle } from "./embed.ts";
import { type DepthRule, meanOf, Parallax, type Solidity } from "./parallax.ts";
import { poseOf } from "./quality.ts";
import { Shimmer } from "./shimmer.ts";

/** One face at the pay position in one frame. */
export interface Sight {
  readonly box: Box;
  /** Unit vector; undefined where the face was not fit to be compared. */
  readonly probe: Float32Array<ArrayBuffer> | undefined;
  /** 0..1, see `Quality.weight`. */
  readonly weight: number;
  /** Aligned crop, packed RGB; compared with that of the frame before. */
  readonly crop: Uint8Array<ArrayBuffer> | undefined;
  readonly landmarks?: Landmarks;
  /** The landmarks are where the box has them: they tell of place, and nothing of depth. */
  readonly landmarks_guessed?: boolean;
}

/** How tracks are followed. */
export interface TrackRule extends BesideRule {
  /** Least cosine between a face and the track it goes on with: the embedder's threshold. */
  readonly same: number;
  /** Comparable frames that a track remembers. */
  readonly window: number;
  /** Frames in a row without a comparable face after which what was seen before is forgotten. */
  readonly blind: number;
  /** Frames that a face may be missing. */
  readonly absent: number;
  /** When a face is taken for solid, or for flat. */
  readonly depth: DepthRule;
  /** So many frames show what a face will show by itself; then it is asked, or refused. Where a
   * busy machine looks at fewer, so long does, in `LEAST_SHOWN` frames. */
  readonly unsure_after: number;
  readonly unsure_after_ms: number;
  /** Ripples that stand so high above what is around them are a screen's. */
  readonly screen_peak: number;
  /** What differs from the usual rule of challenges. */
  readonly challenge?: Partial<ChallengeRule>;
}

const LEAST_OVERLAP = 0.3;
/** Frames below which nobody has shown what they will, however long it took. */
const LEAST_SHOWN = 12;
/** Frames that show whether a face shines as a screen does. */
const LEAST_SHIMMER = 6;

/** What a frame tells besides its faces: what is around them, and when it was taken. */
export interface Around {
  readonly surroundings?: Surroundings | undefined;
  readonly at_ms?: number;
}

/** What a track remembers of one comparable frame. */
interface Remembered {
  readonly probe: Float32Array<ArrayBuffer>;
  readonly weight: number;
  /** Likeness to the frame before: cosine of the embeddings, mean difference of the crops in
   * grey levels; undefined for the first. */
  readonly step: { readonly cosine: number; readonly difference: number } | undefined;
}

/** One person, as long as they stay. */
export class Track {
  box: Box;
  /** Frames since it was last seen; 0 in the frame at hand. */
  absent = 0;
  #blind = 0;
  #crop: Uint8Array<ArrayBuffer> | undefined;
  #frames: Remembered[] = [];
  #middle: Float32Array<ArrayBuffer> | undefined;
  readonly #parallax: Parallax;
  #turns = 0;
  #solid_by_itself = false;
  #seen = 0;
  #shown = false;
  #since_ms: number | undefined;
  readonly #shimmer = new Shimmer();
  #guessed = false;
  readonly #beside: Beside;

  constructor(sight: Sight, rule: TrackRule, around: Around) {
    this.box = sight.box;
    this.#parallax = new Parallax(rule.depth);
    this.#beside = new Beside(rule);
    this.see(sight, rule, around);
  }

  get frames(): readonly Remembered[] {
    return this.#frames;
  }

  /** The weighted middle of the remembered probes. */
  get probe(): Float32Array<ArrayBuffer> | undefined {
    return this.#middle;
  }

  /** Whether the landmarks of this face moved as those of a head do. */
  get solidity(): Solidity {
    return this.#guessed ? "undecided" : this.#parallax.solidity;
  }

  /** How far the face has moved about; undefined as long as too few frames tell. */
  get sway(): number | undefined {
    return this.#parallax.depth?.sway;
  }

  /** In its first frames this face has moved as a head does, and not shone as a screen does. */
  get solid_by_itself(): boolean {
    return this.#solid_by_itself;
  }

  /** What is left and right of this face tells of it; undefined while that cannot be told yet. */
  get beside(): BesideSign | undefined {
    return this.#beside.sign;
  }

  /** It has shown what it will by itself. */
  get shown(): boolean {
    return this.#shown;
  }

  /** To so many sides this face has turned as it was asked to; 0 where it has not done all. */
  get turns(): number {
    return this.#turns;
  }

  meetChallenge(turns: number): void {
    this.#turns = turns;
  }

  /** Takes a frame in. */
  see(sight: Sight, rule: TrackRule, { surroundings, at_ms = 0 }: Around): void {
    this.box = sight.box;
    this.absent = 0;
    if (surroundings !== undefined) {
      this.#beside.see(sight.box, surroundings, sight.landmarks && meanOf(sight.landmarks));
    }
    this.#guessed = sight.landmarks_guessed === true;
    if (sight.landmarks !== undefined) {
      this.#parallax.see(sight.landmarks);
      this.#lookAlive(sight, rule, at_ms);
    }
    if (sight.probe === undefined) {
      if (++this.#blind >= rule.blind) this.#forgetFace();
      return;
    }
    this.#blind = 0;
    const before = this.#frames.at(-1);
    const step = before === undefined ? undefined : {
      cosine: cosine(before.probe, sight.probe),
      difference: meanDifference(this.#crop, sight.crop),
    };
    this.#frames.push({ probe: sight.probe, weight: sight.weight, step });
    this.#crop?.fill(0);
    this.#crop = sight.crop;
    while (this.#frames.length > rule.window) this.#frames.shift()!.probe.fill(0);
    this.#middle = middle(
      this.#frames.map((frame) => frame.probe),
      this.#frames.map((frame) => frame.weight),
    );
  }

  /** Who has turned as asked, or to whatever side, is no better known by what came after. */
  #lookAlive({ crop }: Sight, rule: TrackRule, at_ms: number): void {
    if (this.#shown) return;
    const shown_ms = at_ms - (this.#since_ms ??= at_ms);
    const enough = ++this.#seen >= LEAST_SHOWN && shown_ms >= rule.unsure_after_ms;
    this.#shown = enough || this.#seen >= rule.unsure_after;
    if (this.#solid_by_itself) return;
    if (crop !== undefined) this.#shimmer.see(crop);
    this.#solid_by_itself = this.solidity === "solid" &&
      this.#shimmer.frames >= LEAST_SHIMMER && this.#shimmer.peak < rule.screen_peak;
  }

  /** Overwrites all that was kept of the person and of what is around them. */
  forget(): void {
    this.#forgetFace();
    this.#beside.clear();
  }

  /** Overwrites all that came from the face: while it could not be compared, somebody else may have
   * taken its place. What is beside that place is still there. */
  #forgetFace(): void {
    for (const { probe } of this.#frames) probe.fill(0);
    this.#crop?.fill(0);
    this.#middle?.fill(0);
    this.#frames = [];
    this.#crop = undefined;
    this.#middle = undefined;
    this.#parallax.clear();
    this.#turns = 0;
    this.#solid_by_itself = false;
    this.#shimmer.clear();
    this.#seen = 0;
    this.#shown = false;
    this.#since_ms = undefined;
  }
}

/** Mean absolute difference of two crops in grey levels, over every seventh byte. */
function meanDifference(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  if (a === undefined || b === undefined || a.length !== b.length) return Infinity;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.length; i += 7, count++) sum += Math.abs(a[i]! - b[i]!);
  return count === 0 ? Infinity : sum / count;
}

/** Follows everybody at one pay position. */
export class Tracker {
  readonly #rule: TrackRule;
  #tracks: Track[] = [];

  constructor(rule: TrackRule) {
    this.#rule = rule;
  }

  /** Takes one frame's faces in. Those that continue no track begin one. */
  see(sights: readonly Sight[], around: Around = {}): void {
    const free = new Set(this.#tracks);
    const seen: Track[] = [];
    for (const sight of sights) {
      const same = this.#continued(sight, free);
      const track = same ?? this.#turnedAway(sight, free);
      if (track === undefined) {
        seen.push(new Track(sight, this.#rule, around));
      } else {
        free.delete(track);
        track.see(same ? sight : { ...sight, probe: undefined, weight: 0 }, this.#rule, around);
        seen.push(track);
      }
    }
    const missing: Track[] = [];
    for (const track of free) {
      track.absent++;
      // Somebody else in the same place: the one before has gone, not merely been missed.
      const replaced = seen.some((one) => overlaps(one.box, track.box));
      if (replaced || track.absent > this.#rule.absent) track.forget();
      else missing.push(track);
    }
    this.#tracks = [...seen, ...missing];
  }

  /** Those in the latest frame; where nobody is, those who were missed for a moment only. */
  get present(): readonly Track[] {
    const seen = this.#tracks.filter((track) => track.absent === 0);
    return seen.length > 0 ? seen : this.#tracks;
  }

  /** Forgets everybody. */
  clear(): void {
    for (const track of this.#tracks) track.forget();
    this.#tracks = [];
  }

  /** The free track in whose place a head is turned away: less like itself, it is not compared. */
  #turnedAway(sight: Sight, free: ReadonlySet<Track>): Track | undefined {
    if (!isTurned(sight)) return undefined;
    const here = [...free].filter(({ box }) => overlaps(box, sight.box));
    return here.length === 1 ? here[0] : undefined;
  }

  /** The free track that this face goes on with: alike, and then the nearest. */
  #continued(sight: Sight, free: ReadonlySet<Track>): Track | undefined {
    let best: Track | undefined;
    let best_rank = -Infinity;
    for (const track of free) {
      const overlap = intersectionOverUnion(track.box, sight.box);
      const known = track.probe !== undefined && sight.probe !== undefined;
      const likeness = known ? cosine(track.probe!, sight.probe!) : undefined;
      const same = likeness === undefined ? overlap >= LEAST_OVERLAP : likeness >= this.#rule.same;
      const rank = overlap + (likeness ?? 0);
      if (same && rank > best_rank) {
        best = track;
        best_rank = rank;
      }
    }
    return best;
  }
}

/** Whether a head is so far turned that it is less like itself. */
function isTurned({ landmarks, landmarks_guessed }: Sight): boolean {
  if (landmarks === undefined || landmarks_guessed === true) return false;
  return Math.abs(poseOf(landmarks).turn) > challengeRule.facing;
}

function overlaps(a: Box, b: Box): boolean {
  return intersectionOverUnion(a, b) >= LEAST_OVERLAP;
}
