/**
 * A camera's eye: reads frames at a measured pace, has them looked at by the camera's Worker, and
 * tells what changed. It outlives its Worker and its camera, and is honest about both.
 *
 * `started` means: frames are looked at, and the gallery is empty. `failed` means: nothing is
 * looked at, and the gallery is empty (its Worker is gone, or has wiped it). So whoever admits
 * templates asks for them anew after each `started`; until then `admit` is refused. `stalled`
 * keeps the gallery, and the next `matched` ends it.
 */
// long because the lives of a camera and of its Worker cross in every method
import { pauseUntil } from "../../hardware/pause.ts";
import type { CameraPort, Frame } from "../../hardware/ports.ts";
import { RuntimeError } from "../errors.ts";
import type {
  ChallengeState,
  Clock,
  Eye,
  Log,
  Perception,
  PerceptionReading,
  Probe,
  ProbeTurns,
  Side,
  Template,
} from "../world.ts";
import { type Decision, sameDecision } from "./decide.ts";
import type { WorkerLink } from "./link.ts";
import type { EyePace } from "./pace.ts";
import { probed } from "./probe.ts";
import { Prompter } from "./prompter.ts";
import type { Look, NearestScores } from "./recogniser.ts";
import { checkTemplate, reasonOf } from "./template.ts";

export interface EyeParts {
  readonly camera: CameraPort;
  readonly listener: (reading: PerceptionReading) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly model: Pick<Perception, "model" | "preset" | "dim">;
  readonly pace: EyePace;
  /** A Worker with its models open. */
  readonly open: () => Promise<WorkerLink>;
  /** Hears the scores of everybody who stood there, where the store wants to know them. */
  readonly score?: (scores: NearestScores) => void;
}

export class CameraEye implements Eye {
  readonly #parts: EyeParts;
  readonly #closing = new AbortController();
  #link: WorkerLink | undefined;
  #state: "opening" | "started" | "stalled" | "failed" = "opening";
  #told: Decision | undefined;
  #glance = 0;
  /** Frames that were taken earlier are not looked at. */
  #looking_from_ms = -Infinity;
  #prompter: Prompter | undefined;
  #bad_frames = 0;
  #failures = 0;
  #running: Promise<void> = Promise.resolve();
  #news: () => void = () => {};

  constructor(parts: EyeParts) {
    this.#parts = parts;
  }

  /** Opens the first Worker, and resolves with the first news of the camera, good or bad. Rejects
   * as opening the models does. */
  async start(): Promise<void> {
    this.#link = await this.#parts.open();
    if (this.#closing.signal.aborted) {
      const reason = "the camera was closed";
      this.#link.close(reason);
      throw new RuntimeError("stopped", reason);
    }
    const news = new Promise<void>((resolve) => this.#news = resolve);
    this.#running = this.#run();
    await news;
  }

  async admit(visit: string, template: Template): Promise<void> {
    const { camera, model } = this.#parts;
    try {
      checkTemplate(template, model);
      if (this.#link === undefined || !this.#sees()) {
        throw new RuntimeError(
          "stopped",
          `camera ${camera.id} is not seeing; admit again when it has started`,
        );
      }
      const values = template.values.slice();
      const glance = this.#glance;
      const { rotation } = template;
      const asked = { visit, values, ...(rotation === undefined ? {} : { rotation }) };
      const answer = this.#link.ask("admit", asked, [values.buffer]);
      template.values.fill(0);
      // Gone from here, unless nobody took it.
      if (values.length > 0) values.fill(0);
      this.#tell(await answer, glance);
    } finally {
      template.values.fill(0);
    }
  }

  async wipe(visit: string): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    const glance = this.#glance;
    try {
      this.#tell(await link.ask("wipe", { visit }), glance);
    } catch (error) {
      // A Worker that is gone holds no byte of anything, and one that would not wipe has to go; its
      // end is told by `#run`.
      link.close(`it could not wipe: ${reasonOf(error)}`);
    }
  }

  /** A Worker answers in the order it is asked, so whatever was asked before this rests on frames
   * before it, and whatever is asked after does not. */
  lookAgain(glance: number): void {
    this.#glance = glance;
    this.#looking_from_ms = this.#parts.clock.now_ms();
    this.#told = undefined;
    const link = this.#link;
    link?.ask("begin_anew", {}).catch((error: unknown) => {
      // One that is gone has forgotten everybody; one that would not must not say who was there.
      link.close(`it could not begin anew: ${reasonOf(error)}`);
    });
  }

  async challenge(
    sides: readonly Side[],
    prompt: (state: ChallengeState) => void,
  ): Promise<void> {
    const { camera, clock } = this.#parts;
    if (this.#link === undefined || this.#state !== "started") {
      throw new RuntimeError(
        "stopped",
        `camera ${camera.id} is not seeing; ask for a challenge when it has started`,
      );
    }
    this.#prompter = new Prompter(prompt);
    const glance = this.#glance;
    this.#tell(await this.#link.ask("challenge", { sides, at_ms: clock.now_ms() }), glance);
  }

  async probe(patience_ms: number, turns?: ProbeTurns): Promise<Probe | undefined> {
    const { camera, clock, model, pace } = this.#parts;
    const link = this.#link;
    if (link === undefined || !this.#sees()) {
      throw new RuntimeError(
        "stopped",
        `camera ${camera.id} is not seeing; ask when it has started`,
      );
    }
    let until_ms = clock.now_ms() + patience_ms;
    const look = (anew: boolean) => link.ask("probe", { anew });
    const goOn = async () => {
      await this.#sleep(1000 / pace.frames_per_second);
      return clock.now_ms() < until_ms;
    };
    if (turns === undefined) return await probed(look, model, goOn);
    const ask = async () => {
      const from_ms = clock.now_ms();
      const met = await turns.ask();
      until_ms += clock.now_ms() - from_ms;
      return met;
    };
    return await probed(look, model, goOn, { always: turns.always, ask });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#link?.close("the camera was closed");
    this.#news();
    await this.#running;
  }

  /** Until closed: one life of the Worker and the stream after the other. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const stream = new AbortController();
      const stop = () => stream.abort();
      signal.addEventListener("abort", stop);
      try {
        const link = this.#link ??= await this.#parts.open();
        link.ended.then(stop);
        if (signal.aborted) link.close("the camera was closed");
        await this.#watch(link, stream.signal);
      } catch (error) {
        if (!signal.aborted) await this.#fail(reasonOf(error));
      } finally {
        stop();
        signal.removeEventListener("abort", stop);
      }
      const { backoff_ms, most_backoff_ms } = this.#parts.pace;
      await this.#sleep(
        Math.min(most_backoff_ms, backoff_ms * 2 ** Math.min(20, this.#failures++)),
      );
    }
  }

  /** Looks at frames until the stream or the Worker ends; throws whatever ended it. */
  async #watch(link: WorkerLink, signal: AbortSignal): Promise<void> {
    const { camera, clock, pace } = this.#parts;
    const interval_ms = 1000 / pace.frames_per_second;
    const frames = camera.frames(signal)[Symbol.asyncIterator]();
    try {
      while (!signal.aborted) {
        const next = await this.#within(frames.next(), signal);
        if (signal.aborted || next === undefined) break;
        if (next.done) throw new RuntimeError("stopped", `camera ${camera.id} ended its stream`);
        const begun_ms = clock.now_ms();
        if (!this.#isOld(next.value)) await this.#look(link, next.value);
        // Asking for the next frame only then is what makes the latest win: the port keeps one.
        await this.#sleep(Math.min(interval_ms, interval_ms - (clock.now_ms() - begun_ms)), signal);
      }
    } finally {
      // A stream that hangs must not hold up whoever gives it up.
      frames.return?.().then(() => {}, () => {});
    }
    if (!this.#closing.signal.aborted) {
      throw new RuntimeError("stopped", `the recogniser ended: ${await link.ended}`);
    }
  }

  /** The next frame, with a reading when it is long in coming; undefined at the signal, even when
   * the camera does not heed it. */
  async #within(
    next: Promise<IteratorResult<Frame>>,
    signal: AbortSignal,
  ): Promise<IteratorResult<Frame> | undefined> {
    const { clock, pace } = this.#parts;
    let give_up = () => {};
    const ended = new Promise<undefined>((resolve) => give_up = () => resolve(undefined));
    signal.addEventListener("abort", give_up);
    if (signal.aborted) give_up();
    const cancel = clock.after(pace.stall_ms, () => {
      if (this.#state === "failed" || this.#closing.signal.aborted) return;
      if (this.#state === "started") this.#state = "stalled";
      this.#told = undefined;
      this.#emit({ type: "stalled" });
    });
    try {
      return await Promise.race([next, ended]);
    } finally {
      cancel();
      signal.removeEventListener("abort", give_up);
      next.catch(() => {});
    }
  }

  /** A clock that was set back would make every frame an old one: then its word is not taken. */
  #isOld({ captured_at_ms }: Frame): boolean {
    const from_ms = this.#looking_from_ms;
    return captured_at_ms < from_ms && this.#parts.clock.now_ms() >= from_ms;
  }

  async #look(link: WorkerLink, frame: Frame): Promise<void> {
    const { camera, pace, log } = this.#parts;
    const glance = this.#glance;
    let look: Look;
    try {
      look = await link.ask("look", { frame }, [frame.data.buffer]);
    } catch (error) {
      if (error instanceof RuntimeError && error.kind === "stopped") throw error;
      const reason = reasonOf(error);
      if (this.#bad_frames === 0 && this.#state !== "failed") {
        log("warn", "a frame was not looked at", { camera: camera.id, reason });
      }
      if (++this.#bad_frames >= pace.bad_frames) await this.#fail(reason);
      return;
    }
    this.#bad_frames = 0;
    this.#failures = 0;
    if (this.#state === "opening" || this.#state === "failed") {
      this.#state = "started";
      this.#emit({ type: "started", device: camera.id });
    }
    this.#state = "started";
    for (const scores of look.scores ?? []) this.#parts.score?.(scores);
    this.#tell(look, glance);
  }

  /** The gallery is emptied first, so that the reading is true when it is heard. */
  async #fail(reason: string): Promise<void> {
    const failed_before = this.#state === "failed";
    this.#state = "failed";
    this.#told = undefined;
    const link = this.#link;
    try {
      await link?.ask("clear", {});
    } catch {
      // Nothing is left to clear in a Worker that is gone, and one that cannot is ended.
      link?.close("it could not be cleared");
      this.#link = undefined;
    }
    this.#bad_frames = 0;
    if (!failed_before) this.#emit({ type: "failed", reason });
  }

  #sees(): boolean {
    return this.#state === "started" || this.#state === "stalled";
  }

  /** Tells a decision that differs from the one before; `glance` is that of the question. */
  #tell({ decision, faces, seen_at_ms, challenge }: Look, glance: number): void {
    if (this.#state !== "started" || glance !== this.#glance) return;
    if (challenge !== undefined) this.#prompter?.tell(challenge);
    if (sameDecision(this.#told, decision)) return;
    this.#told = decision;
    this.#emit({ type: "matched", ...decision, faces, seen_at_ms, glance });
  }

  #emit(reading: PerceptionReading): void {
    if (this.#closing.signal.aborted) return;
    this.#parts.listener(reading);
    this.#news();
  }

  #sleep(delay_ms: number, signal: AbortSignal = this.#closing.signal): Promise<void> {
    if (delay_ms <= 0) return Promise.resolve();
    return pauseUntil(signal, this.#parts.clock, delay_ms);
  }
}
