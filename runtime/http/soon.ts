/** Another look at what changed, once for all steps of a commit. */

/** Gives back what to call at each change. Nobody is above a microtask: what `look` throws there
 * would be the end of the process, and goes to `broken`. */
export function soon(look: () => void, broken: (error: unknown) => void): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      try {
        look();
      } catch (error) {
        broken(error);
      }
    });
  };
}
