/**
 * Ages that a sale needs and the issuer does not know: the app's wallet answers with an identity
 * document, and the phone hands that to the issuer for this sale.
 */
import type { AgeQuestion } from "../../runtime/sync/contract/schemas.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import type { Asking } from "./asking.ts";

export interface AgeEvent {
  readonly type: "age_asked";
  readonly question: AgeQuestion;
}

/** What the wallet of the phone's system answers to a question: a DeviceResponse of ISO/IEC 18013-5
 * that discloses the age asked for and nothing else. */
export type Wallet = (
  question: AgeQuestion,
) => Promise<{ readonly wallet_nonce: string; readonly response: Uint8Array }>;

/** Questions to one account, each told once. */
export class AgeQuestions {
  readonly #told = new Set<string>();

  constructor(
    private readonly asking: Asking,
    private readonly tell: (event: AgeEvent) => void,
  ) {}

  /** Everything that may be proved now; what is new is told as well. */
  async open(patience_ms?: number): Promise<readonly AgeQuestion[]> {
    const { questions } = await this.asking.ask("ageQuestions", {}, patience_ms);
    const open = new Set(questions.map(({ nonce }) => nonce));
    for (const nonce of this.#told) if (!open.has(nonce)) this.#told.delete(nonce);
    for (const question of questions) {
      if (this.#told.has(question.nonce)) continue;
      this.#told.add(question.nonce);
      this.tell({ type: "age_asked", question });
    }
    return questions;
  }

  async prove(question: AgeQuestion, wallet: Wallet): Promise<void> {
    const { wallet_nonce, response } = await wallet(question);
    const body = { nonce: question.nonce, wallet_nonce, response: toBase64url(response) };
    await this.asking.ask("proveAge", { body });
  }
}
