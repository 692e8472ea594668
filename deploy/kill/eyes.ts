/**
 * Eyes that cost nothing to open: a face is the numbers that stand before the camera, and whoever
 * in the gallery has the same ones is recognised. Everything behind the port is the real gateway.
 */
import type { CameraPort } from "../../hardware/ports.ts";
import { HardwareError } from "../../hardware/errors.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { limits } from "../../runtime/limits.ts";
import { type ProbeAnswer, probed } from "../../runtime/perception/probe.ts";
import { startEar } from "../../runtime/perception/spawn.ts";
import { hear } from "../../runtime/perception/voice/hear.ts";
import { simulatedModel, turnOf } from "../../runtime/sim/faces.ts";
import type {
  ChallengeState,
  Clock,
  Eye,
  Perception,
  PerceptionReading,
  Probe,
  ProbeTurns,
  Side,
  Template,
} from "../../runtime/world.ts";

type Turn = ReturnType<typeof turnOf>;

/** Frames that agreed, as a reading tells them: any number above none. */
const frames = 3;
const look_ms = 100;

/** Somebody, or nobody, before a camera; `stand` is what moves people. */
export class Place implements CameraPort {
  readonly origin = "simulated";
  face: readonly number[] | null = null;
  /** It could be a film as well. */
  unsure = false;
  readonly #listeners = new Set<(turned?: Side) => void>();

  constructor(readonly id: string) {}

  stand(face: readonly number[] | null, unsure = false): void {
    this.face = face;
    this.unsure = unsure;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Whoever stands there turns the head. */
  turn(side: Side): void {
    for (const listener of [...this.#listeners]) listener(side);
  }

  onChange(listener: (turned?: Side) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  // deno-lint-ignore require-yield
  async *frames(): AsyncGenerator<never> {
    await Promise.reject(
      new HardwareError("format_unsupported", `camera ${this.id} draws no pictures`),
    );
  }
}

/** Perception for `Place`s, with as many eyes as are asked for. */
export function createEyes(clock: Clock): Perception {
  const eyes = new Set<Eye>();
  return {
    ...simulatedModel,
    watch(camera, listener) {
      if (!(camera instanceof Place)) {
        const message = `camera ${camera.id} is none that these eyes can look through`;
        return Promise.reject(new RuntimeError("usage", message));
      }
      const eye = new FaceEye(clock, camera, listener);
      eyes.add(eye);
      return Promise.resolve(eye);
    },
    hear: (listening) => hear(listening, startEar),
    async close() {
      await Promise.all([...eyes].map((eye) => eye.close()));
      eyes.clear();
    },
  };
}

class FaceEye implements Eye {
  readonly #gallery = new Map<string, { values: Float32Array; turn: Turn }>();
  readonly #forget: () => void;
  #last = "";
  #glance = 0;
  /** Sides that are still to be turned to, and how many were asked for. */
  #asked:
    | { readonly sides: Side[]; readonly all: number; prompt: (state: ChallengeState) => void }
    | undefined;
  #turned = 0;

  constructor(
    private readonly clock: Clock,
    private readonly place: Place,
    private readonly listener: (reading: PerceptionReading) => void,
  ) {
    listener({ type: "started", device: `place ${place.id}` });
    this.#forget = place.onChange((turned) => {
      if (turned !== undefined) return this.#turn(turned);
      this.#turned = 0;
      this.#look();
    });
    this.#look();
  }

  admit(visit: string, template: Template): Promise<void> {
    const values = template.values.slice();
    template.values.fill(0);
    if (template.model !== simulatedModel.model) {
      const message = "the template is of another model: enrol again";
      return Promise.reject(new RuntimeError("model_invalid", message));
    }
    if (this.#gallery.size >= limits.gallery) {
      return Promise.reject(new RuntimeError("overloaded", "the gallery is full: wait"));
    }
    this.#gallery.set(visit, { values, turn: turnOf(template) });
    this.#look();
    return Promise.resolve();
  }

  wipe(visit: string): Promise<void> {
    this.#gallery.get(visit)?.values.fill(0);
    this.#gallery.delete(visit);
    this.#look();
    return Promise.resolve();
  }

  lookAgain(glance: number): void {
    this.#glance = glance;
    this.#last = "";
    this.#look();
  }

  probe(patience_ms: number, turns?: ProbeTurns): Promise<Probe | undefined> {
    const until_ms = this.clock.now_ms() + patience_ms;
    const goOn = async () => {
      await new Promise<void>((resolve) => void this.clock.after(look_ms, resolve));
      return this.clock.now_ms() < until_ms;
    };
    return probed(() => Promise.resolve(this.#probe()), simulatedModel, goOn, turns);
  }

  #probe(): ProbeAnswer {
    const nobody = {
      frames: 0,
      liveness: "not_assessed",
      seen_at_ms: this.clock.now_ms(),
    } as const;
    const { face, unsure } = this.place;
    if (face === null) return nobody;
    if (unsure && this.#turned === 0) return { ...nobody, unsure: true };
    const values = Float32Array.from(face);
    return { ...nobody, frames, liveness: "passed", turns: this.#turned, values };
  }

  challenge(sides: readonly Side[], prompt: (state: ChallengeState) => void): Promise<void> {
    this.#asked = { sides: [...sides], all: sides.length, prompt };
    this.#prompt();
    return Promise.resolve();
  }

  #prompt(): void {
    const asked = this.#asked;
    const [side] = asked?.sides ?? [];
    if (asked === undefined) return;
    if (side !== undefined) {
      return asked.prompt({ state: "asked", side, left: asked.sides.length });
    }
    this.#asked = undefined;
    this.#turned = asked.all;
    asked.prompt({ state: "met" });
    this.#look();
  }

  #turn(side: Side): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    if (asked.sides.shift() === side) return this.#prompt();
    this.#asked = undefined;
    asked.prompt({ state: "failed", reason: "wrong_side" });
  }

  close(): Promise<void> {
    this.#forget();
    for (const { values } of this.#gallery.values()) values.fill(0);
    this.#gallery.clear();
    return Promise.resolve();
  }

  /** One person has one face and may have several visits: the one that was left without a word
   * stands in the gallery until its lease ends. */
  #look(): void {
    const { face } = this.place;
    const visits = face === null
      ? []
      : [...this.#gallery].filter(([, held]) => isSame(held, face)).map(([visit]) => visit);
    const outcome = face === null
      ? "nobody"
      : (["unknown", "identified"] as const)[visits.length] ?? "ambiguous";
    const turns = this.#turned;
    const liveness = this.place.unsure && turns === 0 ? "unsure" as const : "passed" as const;
    const said = `${outcome} ${visits.join(" ")} ${liveness} ${turns}`;
    if (said === this.#last) return;
    this.#last = said;
    const matches = visits.map((visit) => (
      { visit, frames, liveness, ...(turns > 0 ? { turns } : {}) }
    ));
    const [seen_at_ms, glance] = [this.clock.now_ms(), this.#glance];
    this.listener({ type: "matched", outcome, faces: face ? 1 : 0, matches, seen_at_ms, glance });
  }
}

function isSame({ values, turn }: { values: Float32Array; turn: Turn }, face: readonly number[]) {
  const seen = turn(Float32Array.from(face));
  return values.every((value, at) => value === seen[at]);
}
