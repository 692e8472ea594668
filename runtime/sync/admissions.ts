/** Answers what gates ask, within the time for which somebody stands there. */
import type { AdmissionAnswer, VolatileTripCommand } from "../../actors/walkout.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped, RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Clock, Log } from "../world.ts";
import type { Issuer } from "./issuer.ts";
import type { Retailer } from "./retailer.ts";

type Admit = Extract<VolatileTripCommand, { type: "issuer.admit" }>;
type Verify = Extract<VolatileTripCommand, { type: "retailer.verify_identity" }>;

/** Why nobody came in: in words that say whom to look at. */
function reasonOf(error: unknown, who: string): string {
  if (!(error instanceof RuntimeError)) return `${who}_failed`;
  return error.kind === "issuer_refused" ? error.message.slice(0, 80) : `${who}_unreachable`;
}

/** Whether the issuer may have done what it was asked. */
const mayBeDone = (error: unknown) =>
  !(error instanceof RuntimeError) ||
  error.kind !== "issuer_refused" && error.kind !== "unauthorised";

/** Answers what gates ask: who that is, and whether the retailer's own system admits him. */
export function wireAdmissions(
  { engine, clock, issuer, retailer, log }: {
    readonly engine: Pick<Engine, "effect" | "post">;
    readonly clock: Clock;
    readonly issuer: Pick<Issuer, "admit">;
    readonly retailer: Pick<Retailer, "verifyIdentity">;
    readonly log: Log;
  },
): void {
  /** Asks within the time for which somebody stands at a gate. */
  async function asked<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const cancel = clock.after(limits.retailer_answer_ms, () => late.abort());
    try {
      return await ask(late.signal);
    } finally {
      cancel();
    }
  }

  function tell(gate: string, answer: Promise<AdmissionAnswer>): void {
    answer.then((event) => engine.post(`gate/${gate}`, event)).catch((error: unknown) => {
      if (!isStopped(error)) log("warn", "a gate was not told", { gate, reason: String(error) });
    });
  }

  engine.effect("issuer.admit", (command: Admit) => {
    const { entry, gate } = command;
    tell(
      gate,
      asked((signal) => issuer.admit(command, signal)).catch((error: unknown) => ({
        type: "issuer.not_admitted",
        entry,
        reason: reasonOf(error, "issuer"),
        ...(mayBeDone(error) ? { unanswered: true } : {}),
      })),
    );
  });
  engine.effect("retailer.verify_identity", (command: Verify) => {
    const { entry, gate } = command;
    tell(
      gate,
      asked((signal) => retailer.verifyIdentity(command, signal)).catch((error: unknown) => ({
        type: "retailer.not_admitted",
        entry,
        reason: reasonOf(error, "retailer"),
      })),
    );
  });
}
