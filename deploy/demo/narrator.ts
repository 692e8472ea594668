/**
 * Tells the story of the store while it runs: one line an event, in columns that an eye can
 * follow.
 */
import { decimal } from "../../runtime/money.ts";
import type { Clock } from "../../runtime/world.ts";

export interface Narrator {
  /** e.g. `("checks in", "Ana S.", "Riverside Market")`. */
  say(what: string, who: string, more?: string): void;
}

export function createNarrator(
  options: { readonly clock: Clock; readonly print: (line: string) => void },
): Narrator {
  const { clock, print } = options;
  const started_at_ms = clock.now_ms();
  return {
    say(what, who, more = "") {
      const seconds = ((clock.now_ms() - started_at_ms) / 1_000).toFixed(1).padStart(6);
      print(`${seconds} s  ${what.padEnd(12)}  ${who.padEnd(12)}  ${more}`.trimEnd());
    },
  };
}

/** `12.50 EUR`. */
export function money(amount_minor: number, currency: string): string {
  return `${decimal(amount_minor, currency)} ${currency}`;
}
