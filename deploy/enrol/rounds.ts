/** What somebody says when enrolling a voice, and what to tell them when it was not heard. */

/** The ten digits, five times: a voice has more than one way to say each. In their usual order, so
 * that nobody has to read while they speak. */
export const rounds: readonly (readonly number[])[] = Array.from(
  { length: 5 },
  () => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
);

/** In plain words; undefined when all was heard. */
export function adviceOn(heard: number, asked: number): string | undefined {
  if (heard === asked) return undefined;
  if (heard === 0) return "Nothing was heard: come closer to the microphone, and once more";
  const words = heard === 1 ? "1 word was" : `${heard} words were`;
  return heard < asked
    ? `${words} heard, not ${asked}: a short pause between the digits, and once more`
    : `${words} heard, not ${asked}: only the digits, where it is quiet, and once more`;
}
