/** What a till says to its lane when HTTP is left out, and what it hears of it. */
import { RuntimeError } from "../../runtime/errors.ts";
import type { Sales } from "../../runtime/http/sales.ts";
import type { TillHears, TillWord } from "../demo/till.ts";

/** Refusals as a till reads them off a status. */
export async function soldBy(
  sales: Sales,
  lane: string,
  word: TillWord,
  signal: AbortSignal,
): Promise<TillHears> {
  const operator = `cashier-${lane}`;
  try {
    switch (word.say) {
      case "open":
        return await sales.open(lane, word.sale, 0, signal);
      case "look":
        return await sales.read(lane, word.payment, word.wait_ms, signal);
      case "select":
        return await sales.select(lane, word.payment, word.visit, operator);
      case "cancel":
        return await sales.cancel(lane, word.payment, operator);
    }
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    if (error.kind === "busy") return "busy";
    if (error.kind !== "not_found" && error.kind !== "request_invalid") return "away";
    throw new RuntimeError("request_invalid", `the gateway refused the sale: ${error.message}`);
  }
}
