/**
 * One camera's recogniser: looks at who is known to stand before it, by the rates at which it
 * errs, holds a gallery as the real one does, and asks for turns of the head.
 */
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type {
  ChallengeState,
  Eye,
  PerceptionReading,
  Probe,
  ProbeTurns,
  Side,
  Template,
} from "../world.ts";
import { likeness, simulatedModel, type Turn, type Turns } from "./faces.ts";
import type { RecogniserSetting, SimulatedCamera } from "./recogniser.ts";
import { type Standing, Turning } from "./turning.ts";

/** What the eyes of one recogniser share. */
export interface Shared extends RecogniserSetting {
  readonly turns: Turns;
}

/** Only the same face is as like as this. */
const same_face = 0.999;
/** Of those of whom it could not be told: as many may tell it by a turn of the head. */
const unsure_by_a_turn = 0.6;
/** From a change to the reading, and between looks at somebody who is not recognised. */
const look_ms = [250, 900] as const;
const look_again_ms = [1_500, 4_000] as const;
/** Until the frames of a probe are taken. */
const probe_look_ms = [600, 2_500] as const;
/** Who looked like somebody else does so at the next look, too. */
const still_alike = 0.9;
/** Whoever turned, and may be a film again, is another: a probe asks so often. */
const most_asked = 2;

export class SimulatedEye implements Eye {
  readonly #gallery = new Map<string, { values: Float32Array; turn: Turn }>();
  readonly #unsubscribe: () => void;
  #state: SimulatedCamera["state"] | "closed" = "dead";
  #last = "";
  #glance = 0;
  #cancel = () => {};
  #standing: Standing | undefined;
  readonly #turning: Turning;

  constructor(
    private readonly setting: Shared,
    private readonly camera: SimulatedCamera,
    private readonly listener: (reading: PerceptionReading) => void,
  ) {
    const { clock, chance, watch } = setting;
    this.#turning = new Turning({
      ...{ clock, chance },
      head: () => camera.sight().head,
      sees: () => this.#state === "sound",
      judged: (met, turns) => {
        watch.turned(camera.id, met, turns);
        if (!met || !this.#standing) return;
        this.#standing.turns = turns;
        this.#lookSoon(look_ms);
      },
    });
    if (camera.state === "dead") this.#tell({ type: "failed", reason: "the device is gone" });
    else this.#start();
    this.#unsubscribe = camera.onChange(() => this.#changed());
  }

  admit(visit: string, template: Template): Promise<void> {
    const values = template.values.slice();
    template.values.fill(0);
    if (this.#state !== "sound" && this.#state !== "stalled") {
      return refused("stopped", `camera ${this.camera.id} has not started: admit it after that`);
    }
    if (template.model !== simulatedModel.model) {
      return refused("model_invalid", "the template is of another model: enrol again");
    }
    if (this.#gallery.size >= limits.gallery) {
      return refused("overloaded", "the gallery is full: wait until somebody leaves");
    }
    this.#gallery.set(visit, { values, turn: this.setting.turns.of(template) });
    this.setting.watch.admitted(this.camera.id, visit);
    this.#lookSoon(look_ms);
    return Promise.resolve();
  }

  wipe(visit: string): Promise<void> {
    this.#gallery.get(visit)?.values.fill(0);
    const held = this.#gallery.delete(visit);
    this.setting.watch.wiped(this.camera.id, visit);
    // Whoever was not there changes nothing of what is seen.
    if (held) this.#lookSoon(look_ms);
    return Promise.resolve();
  }

  lookAgain(glance: number): void {
    this.#glance = glance;
    this.#last = "";
    this.#beginAnew();
    this.#lookSoon(look_ms);
  }

  challenge(sides: readonly Side[], prompt: (state: ChallengeState) => void): Promise<void> {
    if (this.#state !== "sound") {
      return refused("stopped", `camera ${this.camera.id} does not see: wait for it`);
    }
    this.setting.watch.askedToTurn(this.camera.id, sides);
    this.#turning.pose(sides, prompt, this.#stands());
    return Promise.resolve();
  }

  /** Looks now and then; whoever stands there may have gone, and another may have come. */
  async probe(patience_ms: number, turns?: ProbeTurns): Promise<Probe | undefined> {
    const { clock, chance, rates, watch } = this.setting;
    let until_ms = clock.now_ms() + patience_ms;
    this.#beginAnew();
    for (let asked = 0; clock.now_ms() < until_ms;) {
      if (this.#state !== "sound") {
        throw new RuntimeError("stopped", `camera ${this.camera.id} does not see: wait for it`);
      }
      await new Promise<void>((resolve) => {
        clock.after(chance.between(...probe_look_ms), resolve);
      });
      const standing = this.#state === "sound" ? this.#stands() : undefined;
      if (standing === undefined || chance.happens(rates.miss)) continue;
      const liveness = this.#lifeOf(standing);
      if (liveness === "unsure" || turns?.always === true && standing.turns === 0) {
        if (turns === undefined) continue;
        const from_ms = clock.now_ms();
        if (asked++ >= most_asked || !await turns.ask()) return undefined;
        until_ms += clock.now_ms() - from_ms;
        continue;
      }
      watch.probed(this.camera.id, standing.face);
      const { model, preset } = simulatedModel;
      const values = standing.face.slice() as Float32Array<ArrayBuffer>;
      return {
        template: { model, preset, values },
        frames: 3 + chance.whole(6),
        liveness,
        seen_at_ms: clock.now_ms(),
      };
    }
    return undefined;
  }

  close(): Promise<void> {
    this.#cancel();
    this.#turning.drop();
    this.#unsubscribe();
    this.#empty();
    this.#state = "closed";
    return Promise.resolve();
  }

  #start(): void {
    this.#state = "sound";
    this.#last = "";
    this.#tell({ type: "started", device: `simulated ${this.camera.id}` });
    this.#lookSoon(look_ms);
  }

  #empty(): void {
    for (const { values } of this.#gallery.values()) values.fill(0);
    this.#gallery.clear();
    this.setting.watch.emptied(this.camera.id);
  }

  /** Forgets what it knows of whoever stands there. */
  #beginAnew(): void {
    this.#standing = undefined;
    this.#turning.fail("lost");
  }

  /** Whoever stands there now; what was known of another is forgotten. */
  #stands(): Standing | undefined {
    const { front: face, film = false } = this.camera.sight();
    const known = this.#standing;
    if (known?.face === face && known?.film === film) return known;
    this.#standing = face && { face, film, turns: 0, unsure: film, like: undefined };
    if (known) this.#turning.fail(face ? "another_face" : "lost");
    return this.#standing;
  }

  #lifeOf(standing: Standing): "passed" | "not_assessed" | "unsure" {
    const { chance, rates } = this.setting;
    if (standing.turns > 0) return "passed";
    const told = chance.happens(rates.unsure);
    if (told && chance.happens(unsure_by_a_turn)) standing.unsure = true;
    if (standing.unsure) return "unsure";
    return told ? "not_assessed" : "passed";
  }

  #changed(): void {
    const { state } = this.camera;
    if (state === this.#state) {
      const known = this.#standing;
      // A head that turns is whose it was.
      if (known && this.#stands() === known) return this.#turning.moved();
      return this.#lookSoon(look_ms);
    }
    this.#cancel();
    if (state === "dead") {
      this.#standing = undefined;
      this.#turning.drop();
      this.#empty();
      this.#tell({ type: "failed", reason: "the device is gone" });
    } else if (this.#state === "dead") return this.#start();
    else if (state === "stalled") this.#tell({ type: "stalled" });
    this.#state = state;
    this.#last = "";
    this.#lookSoon(look_ms);
  }

  #lookSoon([low, high]: readonly [number, number]): void {
    this.#cancel();
    const { clock, chance } = this.setting;
    this.#cancel = clock.after(chance.between(low, high), () => this.#look());
  }

  #look(): void {
    if (this.#state !== "sound") return;
    const { faces } = this.camera.sight();
    const standing = this.#stands();
    const seen_at_ms = this.setting.clock.now_ms();
    const found = standing === undefined ? [] : this.#recognise(standing);
    const outcome = standing === undefined
      ? "nobody"
      : (["unknown", "identified"] as const)[found.length] ?? "ambiguous";
    const { chance } = this.setting;
    const liveness = standing === undefined ? "not_assessed" : this.#lifeOf(standing);
    const turned = standing !== undefined && standing.turns > 0 ? { turns: standing.turns } : {};
    const matches = found.map((visit) => ({
      ...{ visit, frames: 3 + chance.whole(6), liveness },
      ...turned,
    }));
    const said = JSON.stringify([outcome, liveness, turned, ...found]);
    if (said !== this.#last) {
      this.#last = said;
      const glance = this.#glance;
      this.#tell({ type: "matched", outcome, faces, matches, seen_at_ms, glance });
    }
    if (outcome === "unknown" || outcome === "ambiguous") this.#lookSoon(look_again_ms);
  }

  /** Visits that the face may be, by the rates. */
  #recognise(standing: Standing): string[] {
    const { chance, rates } = this.setting;
    const own: string[] = [];
    const others: string[] = [];
    for (const [visit, { values, turn }] of this.#gallery) {
      (likeness(values, turn(standing.face)) > same_face ? own : others).push(visit);
    }
    if (own.length === 0) {
      return others.length > 0 && chance.happens(rates.mistake) ? [chance.pick(others)] : [];
    }
    if (chance.happens(rates.miss)) return [];
    const { like } = standing;
    const known = like !== undefined && others.includes(like) && chance.happens(still_alike);
    const anew = () =>
      others.length > 0 && chance.happens(rates.confuse) ? chance.pick(others) : undefined;
    standing.like = known ? like : anew();
    return standing.like === undefined ? own : [...own, standing.like];
  }

  #tell(reading: PerceptionReading): void {
    this.setting.watch.told(this.camera.id, reading);
    this.listener(reading);
  }
}

function refused(kind: "stopped" | "model_invalid" | "overloaded", message: string) {
  return Promise.reject(new RuntimeError(kind, message));
}
