/** All that whoever stands at a lane is asked by it: turns of the head, and digits aloud. */
import type { LanePrompts } from "../counter.ts";
import { createTurnDesk, type TurnDeskOptions } from "./turns.ts";
import { createVoiceDesk, type VoiceDeskOptions } from "./voices.ts";

export interface PromptDesk extends LanePrompts {
  /** See `TurnDesk.prove`. */
  prove(lane: string): Promise<boolean>;
  /** Registers the effects; before the engine starts. */
  wire(): void;
  /** Ends all listening. */
  stop(): void;
}

export function createPromptDesk(options: TurnDeskOptions & VoiceDeskOptions): PromptDesk {
  const turns = createTurnDesk(options);
  const voices = createVoiceDesk(options);
  return {
    askTurns: turns.askTurns,
    turns: turns.turns,
    proving: turns.proving,
    prove: turns.prove,
    digits: voices.digits,
    watch(changed) {
      const deaf = [turns.watch(changed), voices.watch(changed)];
      return () => deaf.forEach((end) => end());
    },
    wire() {
      turns.wire();
      voices.wire();
    },
    stop: () => voices.stop(),
  };
}
