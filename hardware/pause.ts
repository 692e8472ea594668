/** Waiting that an end cuts short. */

/** Resolves after the delay, or at once when the signal says that all is over. */
export function pauseUntil(
  signal: AbortSignal,
  clock: { after(delay_ms: number, call: () => void): () => void },
  delay_ms: number,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      cancel();
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const cancel = clock.after(delay_ms, wake);
    signal.addEventListener("abort", wake);
  });
}
