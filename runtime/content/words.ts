/**
 * Text as the linker reads it: sentences of words with their places, each word folded so that
 * capitals, accents and ligatures do not matter where they do not.
 */
import { isLanguage, type Language, languages, rules } from "./languages.ts";

export interface Word {
  /** Lower case without accents: `ß` is `ss`, `œ` is `oe`. */
  readonly folded: string;
  /** Lower case, accents as written. */
  readonly lower: string;
  readonly start: number;
  readonly end: number;
  readonly kind: "word" | "number" | "mark";
  readonly capital: boolean;
}

export interface Sentence {
  readonly language: Language;
  readonly words: readonly Word[];
}

/** One form of each letter, and none that nobody sees: what is kept, shown and pointed into. */
export function tidyText(text: string): string {
  // The normal form would write the trade mark as two letters.
  return text.replaceAll("™", "®").normalize("NFKC").replace(
    /[\u00ad\u200b-\u200f\u2060\ufeff]/g,
    "",
  )
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

export function fold(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ß", "ss")
    .replaceAll("œ", "oe").replaceAll("æ", "ae");
}

/** Umlauts written with two letters, as on a till's keyboard. */
export const transcribed = (text: string): string =>
  fold(
    text.toLowerCase().normalize("NFC").replaceAll("ä", "ae").replaceAll("ö", "oe")
      .replaceAll("ü", "ue"),
  );

const pieces = /(?<word>[\p{L}\p{M}]+)|(?<number>\p{N}+)|(?<mark>[^\s\p{L}\p{M}\p{N}])/gu;

export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(pieces), (match): Word => {
    const [written] = match;
    const kind = match.groups?.["word"] !== undefined
      ? "word"
      : match.groups?.["number"] !== undefined
      ? "number"
      : "mark";
    const lower = written.toLowerCase();
    return {
      folded: fold(written),
      lower,
      start: match.index,
      end: match.index + written.length,
      kind,
      capital: /^\p{Lu}/u.test(written),
    };
  });
}

const endsSentence = (word: Word) => word.kind === "mark" && /[.!?;\n]/.test(word.lower);

/** Another language than the text's needs this many of its small words in a sentence. */
const enough_foreign = 2;

/** The sentences of a tidy text, each in the text's language unless it is plainly another's. */
export function sentencesOf(text: string, language: string): Sentence[] {
  const own: Language = isLanguage(language) ? language : "en";
  const all: Sentence[] = [];
  let words: Word[] = [];
  const close = () => {
    if (words.length > 0) all.push({ language: spokenIn(words, own), words });
    words = [];
  };
  for (const word of wordsOf(text)) {
    words.push(word);
    if (endsSentence(word)) close();
  }
  close();
  return all;
}

function spokenIn(words: readonly Word[], own: Language): Language {
  const count = (language: Language) =>
    words.filter(({ lower }) => rules[language].stop.has(lower)).length;
  const ours = count(own);
  let best = own;
  let most = Math.max(enough_foreign - 1, 2 * ours);
  for (const language of languages) {
    const hits = language === own ? 0 : count(language);
    if (hits > most) [best, most] = [language, hits];
  }
  return best;
}
