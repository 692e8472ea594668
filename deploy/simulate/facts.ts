/**
 * What happens at a lane besides a charge, as it crosses the edges of a simulated store: questions
 * to phones and what phones say, decisions of the staff, faces that prove, money given back.
 */
import type { KeyedKind } from "../../actors/asked.ts";
import type { WantedChange } from "../../actors/messages.ts";
import type { Side } from "../../runtime/world.ts";
import type { Papers } from "../demo/manners.ts";
import type { ChangeAnswer, RefundAnswer } from "../demo/till_words.ts";
import type { ChangeRow } from "../issuer/store/rows.ts";

/** Each is told at the moment at which it is so. */
export type Fact =
  | PersonFact
  | QuestionFact
  | StaffFact
  | AgeFact
  | RefundFact
  | ChangeFact
  | HeadFact
  | FeedFact;

/** It stands in the issuer's file as an item of the gateway's feed; `ended` names the check-in when
 * it tells of its end. */
type FeedFact = {
  readonly fact: "feed";
  readonly sequence: number;
  readonly expires_ms: number;
  readonly ended: string | undefined;
};

/** What whoever stands before a camera is asked to show, and shows. */
type HeadFact =
  | {
    readonly fact: "stands";
    readonly camera: string;
    readonly face: Float32Array | undefined;
    readonly film: boolean;
  }
  | { readonly fact: "asked_to_turn"; readonly camera: string; readonly sides: readonly Side[] }
  | {
    readonly fact: "turned";
    readonly camera: string;
    readonly met: boolean;
    readonly turns: number;
  }
  | { readonly fact: "prompted"; readonly microphone: string; readonly digits: readonly number[] }
  | {
    readonly fact: "speaks";
    readonly microphone: string;
    readonly digits: readonly number[];
    readonly voice: Float32Array;
  };

/** Who somebody is, as the town knows. */
type PersonFact = {
  readonly fact: "settled";
  readonly account: string;
  readonly initials: string;
  readonly phrase: string | undefined;
  readonly face: Float32Array;
  readonly papers: Papers | undefined;
  readonly voice: Float32Array;
};

type QuestionFact =
  /** It stands in the issuer's file: more than this is not charged unasked. */
  | {
    readonly fact: "limits";
    readonly account: string;
    readonly sale_minor: number;
    readonly day_minor: number;
  }
  /** It stands in the issuer's file. */
  | {
    readonly fact: "question";
    readonly approval: string;
    readonly account: string;
    readonly payment: string;
    readonly amount_minor: number;
    readonly expires_ms: number;
  }
  | {
    readonly fact: "question_ended";
    readonly approval: string;
    readonly how: string;
    readonly amount_minor: number;
    readonly device: string | null;
  }
  /** At the issuer's door; `all` for a yes without an amount, 0 for a no. */
  | {
    readonly fact: "phone_says";
    readonly approval: string;
    readonly device: string;
    readonly amount_minor: number | "all";
  };

type StaffFact =
  | {
    readonly fact: "decides";
    readonly word: "confirm" | "drop";
    readonly payment: string;
    readonly operator: string;
  }
  /** The shopper keys something that only one of several knows. */
  | {
    readonly fact: "keys";
    readonly payment: string;
    readonly kind: KeyedKind;
    readonly answer: string;
  };

type AgeFact =
  /** It stands in the issuer's file: the phone may prove this need for this sale. */
  | {
    readonly fact: "age_asked";
    readonly nonce: string;
    readonly account: string;
    readonly payment: string;
    readonly need: string;
    readonly expires_ms: number;
  }
  /** It stands there that it was proved. */
  | { readonly fact: "age_proved"; readonly nonce: string }
  /** At the issuer's door: what a wallet shows for a question. */
  | {
    readonly fact: "shows_age";
    readonly account: string;
    readonly nonce: string;
    readonly wallet_nonce: string;
    readonly response: Uint8Array;
  };

type RefundFact =
  | {
    readonly fact: "asks_back";
    readonly lane: string;
    readonly payment: string;
    readonly service_id: string;
    readonly amount_minor: number;
  }
  | { readonly fact: "told_back"; readonly service_id: string; readonly answer: RefundAnswer };

type ChangeFact =
  | { readonly fact: "face"; readonly camera: string; readonly face: Float32Array }
  /** The row of the issuer's file as it now is. */
  | { readonly fact: "change"; readonly row: ChangeRow }
  | { readonly fact: "account_data"; readonly account: string; readonly what: WantedChange["what"] }
  /** At the issuer's door: a phone wants it undone, or sets its limits itself. */
  | { readonly fact: "undoes"; readonly account: string; readonly change: string }
  | { readonly fact: "sets_limits"; readonly account: string }
  | { readonly fact: "told_change"; readonly service_id: string; readonly answer: ChangeAnswer };
