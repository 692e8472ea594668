/**
 * What a lane asks somebody to say. Digits are drawn anew each time, so that a recording of an
 * earlier answer says the wrong ones; a phrase is always the same and cannot do that.
 */
import { invariant } from "../../errors.ts";

/** Digits to be spoken one after another with pauses, or the account's own phrase. */
export type VoicePrompt =
  | { readonly kind: "digits"; readonly digits: readonly number[] }
  | { readonly kind: "phrase" };

/** Four digits, no two alike: 5040 prompts, and no word twice that could be taken for one. */
const PROMPT_DIGITS = 4;

/** Bytes to give for one prompt: far more than are used up, since some are passed over. */
export const PROMPT_BYTES = 64;

/**
 * Draws digits without favour from unpredictable bytes: a byte that would make some digits likelier
 * is passed over. Throws `InvariantError` for too few bytes.
 */
export function promptDigits(bytes: Uint8Array, count: number = PROMPT_DIGITS): VoicePrompt {
  invariant(count >= 1 && count <= 10, "a prompt has one to ten digits, no two alike");
  const left = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const digits: number[] = [];
  for (const byte of bytes) {
    if (digits.length === count) break;
    if (byte >= 256 - 256 % left.length) continue;
    digits.push(...left.splice(byte % left.length, 1));
  }
  invariant(digits.length === count, "too few random bytes for a prompt");
  return { kind: "digits", digits };
}
