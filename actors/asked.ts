/**
 * The words about what is asked of whoever stands at a lane: what they key or say, how they turn
 * the head, and what came of it.
 */

/** What is keyed: initials, or a phrase that the account has chosen. */
export type KeyedKind = "initials" | "phrase";
/** Keyed, or the prompted digits as they were spoken. */
export type AnswerKind = KeyedKind | "digits";

/** What became of an answer to a challenge. `unchecked`: it could not be compared, and counts for
 * nothing. */
export type ChallengeEvent =
  & {
    readonly type: "challenge.checked";
    readonly attempt: number;
  }
  & ({ readonly outcome: "right"; readonly visit: string } | {
    readonly outcome: "wrong" | "unchecked";
  });

/** What came of asking the face at the pay position to turn, or of listening to spoken digits. */
export type AskedEvent =
  | {
    readonly type: "turn.judged";
    readonly attempt: number;
    readonly outcome: "met" | "failed";
  }
  | (
    & { readonly type: "voice.heard"; readonly attempt: number }
    & ({ readonly outcome: "right"; readonly visit: string } | {
      readonly outcome: "wrong" | "unheard";
    })
  );
