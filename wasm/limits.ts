/**
 * Every ceiling of the kernels, once, with its reason. The kernels' own constants say the same; the
 * bindings' tests hold the two together.
 */
export const limits = {
  /** Values in a template: the widest embedders in use give 512, some 1 024. */
  dim: 1_024,
  /** A template's length is a multiple of this: one cache line of f32. */
  dim_step: 16,
  /** Matches one search may ask for; more is an export, not a search. */
  k: 1_024,
  /** Probes that one pass over the gallery serves; larger batches make several passes. */
  batch: 16,
  /** How far a vector's norm may be from 1. f32 normalisation is off by about 1e-7; a vector that
   * was never normalised is off by far more. The certified bounds rest on it. */
  norm_tolerance: 1e-3,
  /** UTF-16 code units in an id. Ids are made by the issuer; this only bounds memory. */
  id_length: 128,
  /** Pixels in a row or a column of a picture; larger cameras are scaled by their driver. */
  picture_side: 4_096,
  /** Bytes by which a row of a picture may be longer than its pixels: drivers align to a page at
   * most. */
  row_padding: 4_096,
} as const;
