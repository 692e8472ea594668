/**
 * Ages that the issuer does not know of an account and that its owner proves for one sale, from an
 * identity document on the phone. What is kept is that it was proved for that sale.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { AgeQuestion } from "../../../runtime/sync/contract/schemas.ts";
import { fromBase64url, toBase64url } from "../../../runtime/vault/bytes.ts";
import type { AgeSession } from "../age_proofs.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { AgeQuestionRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import { forDue } from "./due.ts";
import type { Feed } from "./feed.ts";
import type { Merchants } from "./merchants.ts";

/** The sale for which an age is asked. */
export interface Sale {
  readonly check_in: string;
  readonly payment: string;
}

/** The years of `age_over_18`; NaN of another need. */
export const ageOf = (need: string) => Number(/^age_over_(\d{1,3})$/.exec(need)?.[1] ?? NaN);

export class Ages {
  constructor(readonly house: House, readonly merchants: Merchants, readonly feed: Feed) {}

  /** Whether it was proved for this sale. */
  isProved({ check_in, payment }: Sale, need: string): boolean {
    const { age_question } = this.house.store.tables;
    return age_question.first("of_sale", check_in, payment, need)?.proved === 1;
  }

  /** Lets the phone prove it from now on, in the transaction under way. The same again has a nonce
   * of its own only once the last one is over. */
  ask(account: string, store: string, sale: Sale, need: string): void {
    if (this.house.ageProofs === undefined || Number.isNaN(ageOf(need))) return;
    const { store: { tables }, clock, random } = this.house;
    const { check_in, payment } = sale;
    const known = tables.age_question.first("of_sale", check_in, payment, need);
    const now_ms = clock.now_ms();
    if (known && (known.proved === 1 || known.expires_ms > now_ms)) return;
    if (known) tables.age_question.remove(known);
    tables.age_question.insert({
      nonce: toBase64url(random.bytes(32)),
      ...{ account, check_in, store, payment, need },
      asked_at_ms: now_ms,
      expires_ms: now_ms + limits.age_question_ms,
      proved: 0,
    });
  }

  /** What the account may prove now. */
  open(account: string): { questions: AgeQuestion[] } {
    return { questions: this.#openOf(account).map((row) => this.#shown(row)) };
  }

  waiting(account: string): number {
    return this.#openOf(account).length;
  }

  /** Takes the age from a document, for the sale that the nonce is of. */
  async prove(account: string, ask: z.output<typeof schemas.proveAge>) {
    const { ageProofs, store } = this.house;
    if (ageProofs === undefined) throw new Refusal("age_proofs_untaken");
    const row = store.transaction(() => this.#asked(account, ask.nonce));
    const { payment, need } = row;
    if (row.proved === 1) return { payment, need };
    const response = fromBase64url(ask.response);
    if (!response) throw new Refusal("age_proof_unreadable");
    const faultAs = (other: AgeQuestionRow) =>
      ageProofs.faultOf(response, this.#session(other, ask.wallet_nonce), ageOf(need));
    const fault = await faultAs(row);
    if (fault === "age_proof_device_wrong") {
      for (const other of this.#othersOf(row)) {
        if (await faultAs(other) !== fault) throw new Refusal("age_proof_replayed");
      }
    }
    if (fault !== undefined) throw new Refusal(fault);
    return store.transaction(() => this.#note(this.#asked(account, ask.nonce)));
  }

  /** Forgets what was asked long ago. True where more is left. */
  prune(): boolean {
    const { store, clock } = this.house;
    const { age_question } = store.tables;
    const old = { below: clock.now_ms() - limits.idempotency_ms, limit: limits.sweep_rows };
    return forDue(store, age_question.all("by_age", [], old), (row) => age_question.remove(row));
  }

  #openOf(account: string): readonly AgeQuestionRow[] {
    const { store: { tables }, clock } = this.house;
    const since = { above: clock.now_ms() - limits.age_question_ms };
    return tables.age_question.all("of_account", [account], since)
      .filter(({ proved }) => proved === 0).slice(-limits.age_questions_page);
  }

  #asked(account: string, nonce: string): AgeQuestionRow {
    const { store: { tables }, clock } = this.house;
    const row = tables.age_question.get(nonce);
    if (row?.account !== account) throw new Refusal("age_question_unknown");
    if (row.proved === 0 && row.expires_ms <= clock.now_ms()) {
      throw new Refusal("age_question_over");
    }
    return row;
  }

  /** Other sales of the account, newest last, for which it may have been signed. */
  #othersOf({ account, nonce }: AgeQuestionRow): readonly AgeQuestionRow[] {
    const { age_question } = this.house.store.tables;
    return age_question.all("of_account", [account]).filter((row) => row.nonce !== nonce)
      .slice(-limits.age_questions_page);
  }

  #note(row: AgeQuestionRow) {
    const { store: { tables }, clock } = this.house;
    const { payment, need } = row;
    if (row.proved === 1) return { payment, need };
    tables.age_question.change(row, { proved: 1 });
    const gateway = tables.check_in.get(row.check_in);
    const reader = gateway && tables.beacon.get(gateway.hardware_id)?.gateway;
    if (reader !== undefined) {
      const until_ms = clock.now_ms() + limits.answer_life_ms;
      this.feed.add(reader, { type: "eligibility.proved", payment }, until_ms);
    }
    return { payment, need };
  }

  #session(row: AgeQuestionRow, wallet_nonce: string): AgeSession {
    const { client_id, response_uri, nonce } = this.#shown(row);
    return { client_id, response_uri, nonce, wallet_nonce };
  }

  #shown(row: AgeQuestionRow): AgeQuestion {
    const { store, payment, need, nonce, asked_at_ms, expires_ms } = row;
    return {
      payment,
      merchant_name: this.merchants.findStore(store)?.merchant_name ?? store,
      store,
      need,
      client_id: `saunter:${toBase64url(this.house.signing.publicKey)}`,
      response_uri: `saunter:sale/${store}/${row.check_in}/${payment}/${need}`,
      nonce,
      asked_at_ms,
      expires_ms,
    };
  }
}
