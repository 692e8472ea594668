/**
 * Tells the issuer what is shown to a shopper who agreed to offers, so that the phone shows it too.
 * Tried once: content that comes late is beside something else by then.
 */
import type { VolatileCommand } from "../../actors/messages.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped } from "../errors.ts";
import type { Log } from "../world.ts";
import type { Content } from "./contract/schemas.ts";
import type { Issuer } from "./issuer.ts";

type Show = Extract<VolatileCommand, { type: "issuer.show_content" }>;

export interface ShowingOptions {
  readonly engine: Pick<Engine, "effect">;
  readonly issuer: Pick<Issuer, "showContent">;
  readonly log: Log;
  /** The content as people see it; undefined when it has gone meanwhile. */
  readonly view: (shown: Show) => Content | undefined;
}

/** Sees to every `issuer.show_content`. */
export function wireShowing({ engine, issuer, log, view }: ShowingOptions): void {
  engine.effect("issuer.show_content", (command) => {
    const content = view(command);
    if (content === undefined) return;
    issuer.showContent({ check_in: command.visit, content }).catch((error: unknown) => {
      if (!isStopped(error)) log("warn", "a phone was shown nothing", { reason: String(error) });
    });
  });
}
