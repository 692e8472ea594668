/** What is accepted while the issuer is away does not hang on what was, long ago. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { faultOf } from "./stand_in.ts";

Deno.test("a store that sold much without its issuer once can do so again", () => {
  const at_ms = 1_790_000_000_000;
  const of = (name: string, expires_ms: number) => ({ allowance: name, expires_ms });
  const full = (expires_ms: number) => ({
    id: "store",
    limits: {
      per_payment_minor: 5_000,
      per_account_minor: 5_000,
      total_minor: 5_000,
      age_ms: 3_600_000,
    },
    offline_since_ms: at_ms - 60_000,
    confirmed: true,
    open: [],
    spent: Array.from({ length: limits.stand_in_spent }, (_, at) => of(`a-${at}`, expires_ms)),
    ...{ taken: 0, taken_minor: 0, refused: 0, refused_minor: 0, refused_late: [] },
  });
  const asked = {
    type: "payment.stand_in_asked",
    payment: "p1",
    lane: "1",
    account: "ana",
    amount_minor: 420,
    allowance: { allowance: "fresh", amount_minor: 2_000, expires_ms: at_ms + 60_000 },
    at_ms,
  } as const;
  assert.equal(faultOf(full(at_ms + 1), asked), "offline_too_many");
  assert.equal(faultOf(full(at_ms), asked), undefined, "those are over");
});
