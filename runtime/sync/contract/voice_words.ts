/** The words about voices: enrolled by a phone under a consent of their own, and asked for by a
 * gateway for those alone who could be meant, when it is about to listen. */
import { z } from "zod";
import { base64url, id, publicKey, time_ms } from "./words.ts";

/** HPKE: info `saunter/voice/1`; associated data and plaintext stand in `voices.ts`. */
export const sealedVoice = z.object({
  model: id,
  preset: id,
  version: z.int().min(1).max(1_000),
  sealed: z.object({ enc: publicKey, ciphertext: base64url(196_608) }),
});
/** Replaces the one before. */
export const putVoice = sealedVoice.extend({ consent: id });
export const voiceKept = z.object({ kept_at_ms: time_ms });

/** The voices of those who stand at one lane and could be meant. */
export const askVoices = z.object({ check_ins: z.array(id).min(2).max(8) });
export const voices = z.object({
  /** Those of them who have enrolled one. */
  voices: z.array(z.object({ check_in: id, voice: sealedVoice })).max(8),
});
export type SealedVoice = z.infer<typeof sealedVoice>;
