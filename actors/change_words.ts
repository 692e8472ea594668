/** Words of a change of account data: what a shopper wants at a lane, and what is said of it. */

/** What a shopper wants of the account from now on. */
export type WantedChange =
  | { readonly what: "instrument"; readonly instrument: string }
  | { readonly what: "phone"; readonly phone: string }
  | { readonly what: "address"; readonly address: string }
  | { readonly what: "email"; readonly email: string }
  | { readonly what: "limit"; readonly sale_minor: number; readonly day_minor: number };

/** A shopper asks at a lane for a change of account data, or lets it be. */
export type ChangeRequest =
  | {
    readonly type: "operator.change_requested";
    readonly lane: string;
    readonly camera: string;
    readonly visit: string;
    readonly operator: string;
    readonly wanted: WantedChange;
  }
  | { readonly type: "operator.change_cancelled"; readonly operator: string };
/** What the issuer says of it, and what came in the way of a proof. */
export type ChangeAnswer =
  | { readonly type: "issuer.change_begun"; readonly nonce: string }
  | {
    readonly type: "issuer.change_refused";
    readonly reason: string;
  }
  | { readonly type: "change.not_proved"; readonly reason: string }
  /** The issuer's last word, asked for or not. */
  | {
    readonly type: "issuer.change_ended";
    readonly outcome: "applied" | "refused" | "withdrawn";
    readonly reason: string | null;
    readonly tries_left: number | null;
    readonly effective_at_ms: number | null;
  };
