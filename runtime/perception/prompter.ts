/** Tells how a challenge goes on, each state once, to whoever posed it. */
import type { ChallengeState } from "../world.ts";

export class Prompter {
  readonly #prompt: (state: ChallengeState) => void;
  #told = "";

  constructor(prompt: (state: ChallengeState) => void) {
    this.#prompt = prompt;
  }

  /** Takes the state after a frame; what was told before is not told again. */
  tell(state: ChallengeState): void {
    const said = JSON.stringify(state);
    if (said === this.#told) return;
    this.#told = said;
    this.#prompt(state);
  }
}
