/**
 * German joins nouns: `Tomatensuppe`, `Haselnussschokolade`. A word is taken apart only when both
 * halves are known, so that `Reise` holds no rice and `Schwein` no wine.
 */
import type { Dictionary, Entry } from "./dictionary.ts";
import { germanHeads, germanModifiers } from "./languages.ts";

const least_part = 3;
/** What stands between the halves. */
const links = ["", "n", "en", "s", "es", "er"];
const without = /^(.{3,})(frei|los)(e|er|es|en|em)?$/;

/** The thing of a first half, with what joins it: `Tomaten`, `Erdbeer`. */
function modifier(dictionary: Dictionary, part: string): Entry | undefined {
  for (const link of links) {
    if (!part.endsWith(link)) continue;
    const bare = part.slice(0, part.length - link.length);
    if (bare.length < least_part) continue;
    const found = dictionary.named(bare) ??
      (link === "" ? dictionary.named(`${bare}e`) : undefined);
    if (found?.entity) return found;
  }
  return undefined;
}

/** The things that a folded German word is made of; none when it is not all known. */
export function partsOf(dictionary: Dictionary, word: string): readonly Entry[] {
  if (without.test(word)) return [];
  for (let cut = word.length - least_part; cut >= least_part; cut--) {
    const [left, right] = [word.slice(0, cut), word.slice(cut)];
    const head = dictionary.named(right);
    if (head === undefined && !germanHeads.has(right)) continue;
    const first = modifier(dictionary, left);
    if (first === undefined && !germanModifiers.has(left)) continue;
    const parts = [first, head].filter((part) => part?.entity != null);
    if (parts.length > 0) return parts as Entry[];
  }
  return [];
}
