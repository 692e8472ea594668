/** A template as it crosses the wire: HPKE, info `saunter/template/1`; the associated data is the
 * canonical JSON of the context and the shape, see `templates.ts`. With a `sequence` it is one of
 * many under one encapsulation, see `Sealed` of the vault. */
import { z } from "zod";
import { base64url, hex, id, publicKey } from "./words.ts";

export const sealed = z.object({ enc: publicKey, ciphertext: base64url(8_192) });
export const sealedTemplate = z.object({
  model: hex(32),
  preset: id,
  /** Length of the vector: `dim` little-endian f32 values are the plaintext. */
  dim: z.int().min(16).max(1024).multipleOf(16),
  sealed: sealed.extend({ sequence: z.int().min(0).max(2 ** 31 - 1).optional() }),
});

/** As a gateway gets it: turned by a rotation that is particular to store and day. */
export const rotatedTemplate = sealedTemplate.extend({ rotation: id });
/** The key of a rotation, for the gateway: HPKE, info `saunter/rotation/1`; the associated data is
 * the canonical JSON of gateway and rotation. */
export const sealedRotation = z.object({ rotation: id, sealed });
