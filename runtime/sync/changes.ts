/**
 * Carries the face that is to prove a change of account data from the camera to the issuer, which
 * compares. Its numbers are in memory between the two, and nowhere else.
 */
import type { ChangeAnswer, VolatileCommand } from "../../actors/messages.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped } from "../errors.ts";
import type { Log, Probe } from "../world.ts";
import { IssuerRefusal } from "./contract/port.ts";
import type { Issuer } from "./issuer.ts";

type Prove = Extract<VolatileCommand, { type: "change.prove" }>;

export interface ChangesOptions {
  readonly engine: Pick<Engine, "effect" | "post">;
  readonly issuer: Pick<Issuer, "proveChange">;
  /** The face at the pay position of a lane's camera from now on; undefined when nobody came. */
  readonly probe: (at: Pick<Prove, "lane" | "camera">) => Promise<Probe | undefined>;
  readonly log: Log;
}

/** Answers every `change.prove`. What has no answer is asked about by the actor itself. */
export function wireChanges({ engine, issuer, probe, log }: ChangesOptions): void {
  async function proved(command: Prove): Promise<ChangeAnswer> {
    const { change } = command;
    try {
      const seen = await probe(command);
      if (seen === undefined) return { type: "change.not_proved", reason: "no_face" };
      return await issuer.proveChange(command, seen);
    } catch (error) {
      log("warn", "a change could not be proved", { change, reason: String(error) });
      const reason = error instanceof IssuerRefusal ? error.problem : "not_proved";
      return { type: "change.not_proved", reason };
    }
  }

  engine.effect("change.prove", (command) => {
    proved(command)
      .then((answer) => engine.post(`change/${command.change}`, answer))
      .catch((error: unknown) => {
        if (isStopped(error)) return;
        log("warn", "a proof came to nothing", { reason: String(error) });
      });
  });
}
