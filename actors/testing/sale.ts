/** The sale `p1` at lane 1, as far as many stories need it. */
import assert from "node:assert/strict";
import type { Command } from "../messages.ts";
import { arrives, openLane, ringsUp, seen, type Shop, stands } from "./shop.ts";

export const types = (commands: readonly Command[]) => commands.map((command) => command.type);
export const tap = (at: Shop, visit: string) =>
  at.post("payment/p1", { type: "operator.selected", visit, operator: "olga" });
export const cancel = (at: Shop) =>
  at.post("payment/p1", { type: "operator.cancelled", operator: "olga" });
export const authorised = (at: Shop) =>
  at.post("payment/p1", { type: "issuer.authorised", authorisation: "auth-1", expires_ms: 9e12 });

/** Ada stands at lane 1, the cashier rings up and taps her: the issuer was just asked. */
export function authorising(sale: Record<string, unknown> = {}): Shop {
  const at = openLane();
  arrives(at, "ada");
  stands(at, [seen("ada")]);
  ringsUp(at, "p1", "1", sale);
  tap(at, "ada");
  assert.equal(at.state("payment/p1"), "awaiting_authorisation");
  at.asked();
  return at;
}
