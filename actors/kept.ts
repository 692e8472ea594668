/**
 * Lists as a context keeps them, for as long as an actor lives: in exactly the room they need, and
 * one empty list for all who have nothing.
 */

/** Nothing; what was nothing and still is, is the same, and is not written down anew. */
export const none: readonly never[] = [];

/** Part of a list, as `slice` cuts it; a list that grew holds room for many more. */
export function kept<Item>(list: readonly Item[], from = 0, to?: number): readonly Item[] {
  const part = list.slice(from, to);
  return part.length === 0 ? none : part;
}
