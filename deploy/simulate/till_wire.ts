/** What a till says to its lane when HTTP is left out, and what it hears of it. */
import { RuntimeError } from "../../runtime/errors.ts";
import type { GatewayApp } from "../../runtime/http/app.ts";
import type { TillHears, TillWord } from "../demo/till_words.ts";

/** Refusals as a till reads them off a status. */
export async function soldBy(
  { sales, refunds, changes }: GatewayApp,
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
      case "confirm":
        return await sales.confirmEligibility(lane, word.payment, operator);
      case "drop":
        return await sales.dropItems(
          lane,
          word.payment,
          { items: word.drop, dropped: word.dropped },
          operator,
        );
      case "answer":
        return await sales.answer(lane, word.payment, word.kind, word.answer);
      case "refund": {
        const asked = { ...word.refund, operator };
        return await refunds.ask(lane, word.payment, asked, word.wait_ms, signal);
      }
      case "change":
        return await changes.ask(lane, { ...word.change, operator }, word.wait_ms, signal);
      case "forget_change":
        return await changes.cancel(lane, word.change, operator, 0, signal);
    }
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    if (error.kind === "busy") return "busy";
    if (error.kind !== "not_found" && error.kind !== "request_invalid") return "away";
    throw new RuntimeError("request_invalid", `the gateway refused it: ${error.message}`);
  }
}
