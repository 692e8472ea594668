/**
 * Asks whoever stands at a lane to turn the head: draws the sides by chance, has the lane's camera
 * judge, keeps what is to be shown to them now, and tells the payment what came of it.
 */
import { limits as machineLimits } from "../../actors/limits.ts";
import type { VolatileCommand } from "../../actors/messages.ts";
import type { Config } from "../config.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped, RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { LanePrompts } from "../counter.ts";
import type { ChallengeState, Clock, Log, Random, Side } from "../world.ts";

type Pose = Extract<VolatileCommand, { type: "turn.pose" }>;

export interface TurnDeskOptions {
  readonly engine: Pick<Engine, "effect" | "post">;
  readonly config: Config;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  /** Poses a challenge before a camera. Rejects with `RuntimeError` `stopped` unless it can. */
  readonly challenge: (
    camera: string,
    sides: readonly Side[],
    prompt: (state: ChallengeState) => void,
  ) => Promise<void>;
}

export interface TurnDesk extends Pick<LanePrompts, "askTurns" | "turns" | "proving" | "watch"> {
  /** Asks whoever is to prove a change of account data to turn the head, anew after each failed
   * try as a sale does; resolves to whether they did. */
  prove(lane: string): Promise<boolean>;
  /** Registers the effect; before the engine starts. */
  wire(): void;
}

/** What was asked of a lane last is remembered until the next or a restart. */
export function createTurnDesk(options: TurnDeskOptions): TurnDesk {
  const { engine, config, random, clock, log } = options;
  const latest = new Map<string, ChallengeState>();
  const proving = new Set<string>();
  const listeners = new Set<(lane: string) => void>();

  const changed = (lane: string) => [...listeners].forEach((listener) => listener(lane));

  function show(lane: string, state: ChallengeState): void {
    latest.set(lane, state);
    changed(lane);
  }

  async function ask(lane: string, turns: number, told?: (state: ChallengeState) => void) {
    const camera = config.lanes.find(({ id }) => id === lane)?.camera;
    if (camera === undefined) {
      throw new RuntimeError(
        "not_found",
        `the store has no lane ${lane}; its lanes are in /debug/`,
      );
    }
    const bytes = random.bytes(turns);
    const sides = Array.from(bytes, (byte): Side => byte % 2 === 0 ? "left" : "right");
    latest.delete(lane);
    await options.challenge(camera, sides, (state) => {
      show(lane, state);
      told?.(state);
    });
  }

  async function prove(lane: string): Promise<boolean> {
    const until_ms = clock.now_ms() + limits.change_turns_ms;
    proving.add(lane);
    try {
      for (let failed = 0; failed < machineLimits.failed_turns; failed++) {
        if (failed > 0) await pause(machineLimits.turn_pause_ms);
        // A sale that began meanwhile has the lane to itself.
        if (!proving.has(lane) || clock.now_ms() >= until_ms) break;
        if (await tried(lane, sidesAfter(failed), until_ms)) return true;
      }
      return false;
    } finally {
      proving.delete(lane);
      changed(lane);
    }
  }

  /** One try, to its end or the time's. */
  function tried(lane: string, turns: number, until_ms: number): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const cancel = clock.after(Math.max(0, until_ms - clock.now_ms()), () => resolve(false));
    ask(lane, turns, ({ state }) => {
      if (state === "met" || state === "failed") resolve(state === "met");
    }).catch(reject);
    return promise.finally(cancel);
  }

  const pause = (delay_ms: number) =>
    new Promise<void>((resolve) => void clock.after(delay_ms, resolve));

  const sidesAfter = (failed: number) =>
    Math.min(limits.turns_asked, config.policies.turns_asked + failed);

  /** Whoever guesses has it harder with each try: one side more, as far as sides go. */
  function pose({ payment, lane, attempt, failed }: Pose): void {
    proving.delete(lane);
    const tell = (outcome: "met" | "failed") =>
      engine.post(`payment/${payment}`, { type: "turn.judged", attempt, outcome }).catch(
        (error: unknown) => {
          if (isStopped(error)) return;
          log("warn", "a turn of the head came to nothing", { lane, reason: String(error) });
        },
      );
    ask(lane, sidesAfter(failed), ({ state }) => {
      if (state === "met" || state === "failed") tell(state);
    }).catch((error: Error) => {
      log("warn", "nobody was asked to turn the head", { lane, reason: error.message });
      tell("failed");
    });
  }

  return {
    wire: () => engine.effect("turn.pose", pose),
    askTurns: (lane, turns) => ask(lane, turns),
    turns: (lane) => latest.get(lane),
    proving: (lane) => proving.has(lane),
    prove,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
