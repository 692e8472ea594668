/**
 * Identity documents of a simulated town, and who reads them for the issuer: what a document of
 * ISO/IEC 18013-5 says and how it is bound to one sale, in plain JSON and without its signatures.
 */
import { z } from "zod";
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { AgeQuestion } from "../../runtime/sync/contract/schemas.ts";
import type { AgeProofFault, AgeProofs, AgeSession } from "../issuer/age_proofs.ts";
import type { Wallet } from "../phone/phone.ts";

/** One that somebody carries on the phone. */
export interface IdentityDocument {
  /** How old its owner is, in years. */
  readonly years: number;
  /** Who signed it: the town's authority, or somebody whom no issuer knows. */
  readonly by: "town" | "nobody";
  readonly valid_until_ms: number;
}

const presentation = z.object({
  over: z.int(),
  is_over: z.boolean(),
  by: z.enum(["town", "nobody"]),
  valid_until_ms: z.int(),
  session: z.string(),
});
/** What a wallet shows of a document: one age, for one session. */
export type Presentation = z.output<typeof presentation>;

const years_drawn = [14, 60] as const;
const forged = 0.15;
const expired = 0.1;
const life_ms = 400 * 86_400_000;

export function documentOf(chance: Chance, now_ms: number): IdentityDocument {
  return {
    years: Math.floor(chance.between(...years_drawn)),
    by: chance.happens(forged) ? "nobody" : "town",
    valid_until_ms: now_ms + (chance.happens(expired) ? -1 : 1) * life_ms,
  };
}

/** `over` years of age, as the question names it. */
export const ageAsked = (need: string) => Number(need.slice("age_over_".length));

/** Answers with the age that is asked for, bound to the sale. */
export function walletOf(document: IdentityDocument, nonceOf: () => string): Wallet {
  return (question: AgeQuestion) => {
    const { client_id, response_uri, nonce, need } = question;
    const wallet_nonce = nonceOf();
    const { years, by, valid_until_ms } = document;
    const over = ageAsked(need);
    const session = sessionOf({ client_id, response_uri, nonce, wallet_nonce });
    const shown: Presentation = { over, is_over: years >= over, by, valid_until_ms, session };
    const response = new TextEncoder().encode(JSON.stringify(shown));
    return Promise.resolve({ wallet_nonce, response });
  };
}

/** Undefined for what is no presentation. */
export function presentationOf(response: Uint8Array): Presentation | undefined {
  try {
    return presentation.parse(JSON.parse(new TextDecoder().decode(response)));
  } catch {
    return undefined;
  }
}

/** Reads them as an issuer's reader of documents does. */
export function townAgeProofs(clock: { now_ms(): number }): AgeProofs {
  return {
    faultOf: (response, session, years) => Promise.resolve(faultOf(response, session, years)),
  };

  function faultOf(
    response: Uint8Array,
    session: AgeSession,
    years: number,
  ): AgeProofFault | undefined {
    const shown = presentationOf(response);
    if (!shown) return "age_proof_unreadable";
    if (shown.by !== "town") return "age_proof_untrusted";
    if (shown.valid_until_ms <= clock.now_ms()) return "age_proof_expired";
    if (shown.session !== sessionOf(session)) return "age_proof_device_wrong";
    if (!shown.is_over && shown.over <= years) return "age_proof_under";
    return shown.is_over && shown.over >= years ? undefined : "age_proof_missing";
  }
}

function sessionOf({ client_id, response_uri, nonce, wallet_nonce }: AgeSession): string {
  return JSON.stringify([client_id, response_uri, nonce, wallet_nonce]);
}
