/**
 * Asks for digits aloud at a lane: shows them, has the microphone heard and the voices of those who
 * could be meant compared, and tells the payment whose it was. What was said is kept nowhere.
 */
import type { VolatileCommand } from "../../actors/messages.ts";
import type { LanePrompts } from "../counter.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped, RuntimeError } from "../errors.ts";
import type { Heard, Listening, Log, Random, World } from "../world.ts";

type Ask = Extract<VolatileCommand, { type: "voice.ask" }>;

export interface VoiceDeskOptions {
  readonly engine: Pick<Engine, "effect" | "post">;
  readonly devices: Pick<World["devices"], "microphones">;
  readonly perception: Pick<World["perception"], "hear">;
  readonly random: Random;
  readonly log: Log;
  /** The voices of these visits, as far as they have enrolled one. */
  readonly askVoices: (visits: readonly string[]) => Listening["voices"];
}

export interface VoiceDesk extends Pick<LanePrompts, "digits" | "watch"> {
  /** Registers the effects; before the engine starts. */
  wire(): void;
  /** Ends all listening. */
  stop(): void;
}

/** Bytes from which digits are drawn: more than are ever used up. */
const chance_bytes = 64;
/** Nobody can be told by these, and it is nobody's fault. */
const unheard: readonly string[] = ["no_choice", "word_count", "no_margin", "hushed"];

export function createVoiceDesk(options: VoiceDeskOptions): VoiceDesk {
  const { engine, devices, perception, random, log } = options;
  const open = new Map<string, { readonly stop: AbortController; digits?: readonly number[] }>();
  const listeners = new Set<(lane: string) => void>();
  const changed = (lane: string) => [...listeners].forEach((listener) => listener(lane));

  function hush(lane: string): void {
    open.get(lane)?.stop.abort();
    if (open.delete(lane)) changed(lane);
  }

  async function heard({ lane, microphone: id, visits }: Ask): Promise<Heard> {
    const microphone = devices.microphones?.get(id);
    if (microphone === undefined || perception.hear === undefined) {
      throw new RuntimeError("stopped", `microphone ${id} is not there to listen; see /debug/`);
    }
    const here: { readonly stop: AbortController; digits?: readonly number[] } = {
      stop: new AbortController(),
    };
    open.set(lane, here);
    try {
      return await perception.hear({
        microphone,
        chance: random.bytes(chance_bytes),
        prompt(digits) {
          here.digits = digits;
          changed(lane);
        },
        voices: options.askVoices(visits),
        signal: here.stop.signal,
      });
    } finally {
      if (open.get(lane) === here) hush(lane);
    }
  }

  async function ask(command: Ask): Promise<void> {
    const { payment, lane, attempt } = command;
    const told = (answer: Heard) =>
      answer.outcome === "chosen"
        ? { outcome: "right" as const, visit: answer.visit }
        : { outcome: unheard.includes(answer.reason) ? "unheard" as const : "wrong" as const };
    const answer = await heard(command).catch((error: Error): Heard => {
      log("warn", "an answer was not heard", { lane, reason: error.message });
      return { outcome: "unknown", reason: "no_choice" };
    });
    if (answer.outcome === "unknown" && answer.reason === "hushed") return;
    await engine.post(`payment/${payment}`, { type: "voice.heard", attempt, ...told(answer) });
  }

  return {
    wire() {
      engine.effect("voice.ask", (command) => {
        hush(command.lane);
        ask(command).catch((error: unknown) => {
          if (!isStopped(error)) {
            log("warn", "an answer came to nothing", { reason: String(error) });
          }
        });
      });
      engine.effect("voice.hush", ({ lane }) => hush(lane));
    },
    digits: (lane) => open.get(lane)?.digits,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => [...open.keys()].forEach(hush),
  };
}
