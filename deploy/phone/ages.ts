/**
 * Ages that a sale needs and the issuer does not know: the app's wallet answers with an identity
 * document, and the phone hands that to the issuer for this sale.
 */
import type { AgeQuestion } from "../../runtime/sync/contract/schemas.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import type { Asking } from "./asking.ts";
import { ToldOnce } from "./told_once.ts";

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
  readonly #told: ToldOnce<AgeQuestion>;

  constructor(private readonly asking: Asking, tell: (event: AgeEvent) => void) {
    const nameOf = ({ nonce }: AgeQuestion) => nonce;
    this.#told = new ToldOnce(nameOf, (question) => tell({ type: "age_asked", question }));
  }

  /** Everything that may be proved now; what is new is told as well. */
  async open(patience_ms?: number): Promise<readonly AgeQuestion[]> {
    const { questions } = await this.asking.ask("ageQuestions", {}, patience_ms);
    this.#told.open(questions);
    return questions;
  }

  async prove(question: AgeQuestion, wallet: Wallet): Promise<void> {
    const { wallet_nonce, response } = await wallet(question);
    const body = { nonce: question.nonce, wallet_nonce, response: toBase64url(response) };
    await this.asking.ask("proveAge", { body });
  }
}
