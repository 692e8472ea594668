/**
 * Holds an answer to a challenge against those who stand at the lane: initials against the names
 * that the gateway has, even while the issuer is away; a phrase at the issuer, which alone knows.
 */
import type { ChallengeEvent, VolatileCommand } from "../../actors/messages.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped } from "../errors.ts";
import type { Log } from "../world.ts";
import type { Issuer } from "./issuer.ts";

type Check = Extract<VolatileCommand, { type: "challenge.check" }>;

export interface ChallengeOptions {
  readonly engine: Pick<Engine, "effect" | "post" | "view">;
  readonly issuer: Pick<Issuer, "checkAnswer">;
  readonly log: Log;
}

const tidy = (text: string) => text.normalize("NFKC").replace(/[\s.]/g, "").toUpperCase();

/** Answers every `challenge.check`. */
export function wireChallenges({ engine, issuer, log }: ChallengeOptions): void {
  /** Two with the same initials are not told apart by them: nobody's fault, and no answer. */
  function byInitials({ visits, answer }: Check): string | null | undefined {
    const right = visits.filter((visit) => {
      const initials = engine.view(`visit/${visit}`)?.context["initials"];
      return typeof initials === "string" && initials !== "" && tidy(initials) === tidy(answer);
    });
    return right.length > 1 ? undefined : right[0] ?? null;
  }

  async function compared(command: Check): Promise<string | null | undefined> {
    if (command.kind === "initials") return byInitials(command);
    try {
      return await issuer.checkAnswer(command);
    } catch (error) {
      if (isStopped(error)) throw error;
      log("warn", "an answer could not be compared", { reason: String(error) });
      return undefined;
    }
  }

  async function check(command: Check): Promise<void> {
    const { payment, attempt } = command;
    const visit = await compared(command);
    const outcome: ChallengeEvent = visit === undefined
      ? { type: "challenge.checked", attempt, outcome: "unchecked" }
      : visit === null
      ? { type: "challenge.checked", attempt, outcome: "wrong" }
      : { type: "challenge.checked", attempt, outcome: "right", visit };
    await engine.post(`payment/${payment}`, outcome);
  }

  engine.effect("challenge.check", (command) => {
    check(command).catch((error: unknown) => {
      if (!isStopped(error)) log("warn", "an answer came to nothing", { reason: String(error) });
    });
  });
}
