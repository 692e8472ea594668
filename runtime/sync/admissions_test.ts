/** What a gate hears of whoever stands there, and of what was asked in vain. */
import assert from "node:assert/strict";
import { handClock } from "../../hardware/simulated/testing.ts";
import type { AdmissionAnswer } from "../../actors/walkout.ts";
import type { EventLike } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { wireAdmissions } from "./admissions.ts";
import { IssuerRefusal } from "./contract/port.ts";

/** What the gate is told of an entry when the issuer answers like this. */
async function told(
  admit: (signal: AbortSignal) => Promise<AdmissionAnswer>,
): Promise<EventLike | undefined> {
  const clock = handClock(1_790_000_000_000);
  const effects = new Map<string, (asked: never) => void>();
  let heard: EventLike | undefined;
  wireAdmissions({
    engine: {
      effect: (type, run) => void effects.set(type, run as unknown as (asked: never) => void),
      post: (_, event) => {
        heard = event;
        return Promise.resolve({ accepted: true, view: undefined });
      },
    },
    clock,
    issuer: { admit: (_, signal) => admit(signal) },
    retailer: { verifyIdentity: () => Promise.reject(new Error("is not asked")) },
    log: () => {},
  });
  effects.get("issuer.admit")!({ entry: "c1", gate: "g" } as never);
  await clock.pass(limits.retailer_answer_ms);
  return heard;
}

const refused = { type: "issuer.not_admitted", entry: "c1" };

Deno.test("the issuer's no is its answer, and what it did not do is known", async () => {
  const answer = { ...refused, reason: "code_spent" } as const;
  assert.deepEqual(await told(() => Promise.resolve(answer as AdmissionAnswer)), answer);
  const no = new IssuerRefusal("account_unknown", "account_unknown: who is that?");
  assert.deepEqual(await told(() => Promise.reject(no)), {
    ...refused,
    reason: "account_unknown: who is that?",
  });
  const unsigned = new RuntimeError("unauthorised", "signature_stale: old");
  assert.deepEqual(await told(() => Promise.reject(unsigned)), {
    ...refused,
    reason: "issuer_unreachable",
  });
});

Deno.test("without an answer a trip may have begun, and the gate hears that", async () => {
  const lost = new RuntimeError("issuer_unreachable", "cut off");
  const unanswered = { ...refused, reason: "issuer_unreachable", unanswered: true };
  assert.deepEqual(await told(() => Promise.reject(lost)), unanswered);
  const never = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(new RuntimeError("stopped", "given up")))
    );
  assert.deepEqual(await told(never), unanswered);
});
