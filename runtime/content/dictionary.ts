/**
 * The names of a catalogue's things, made ready for reading: each with the forms its words take,
 * found by its first word. Phrases that hold a name and mean something else stand among them and
 * stand for nothing.
 */
import type { Catalogue } from "./catalogue.ts";
import { type Language, languages, rules } from "./languages.ts";
import { fold, transcribed, type Word, wordsOf } from "./words.ts";

export interface Entry {
  /** Null for a phrase that means none of the catalogue's things. */
  readonly entity: string | null;
  readonly kind: "concept" | "brand";
  /** The forms of each of its words. */
  readonly words: readonly ReadonlySet<string>[];
  /** An ordinary word too. */
  readonly common: boolean;
}

export interface Found {
  readonly entries: readonly Entry[];
  /** Place in the sentence of the first word after it. */
  readonly next: number;
}

/** Marks inside names: `huile d'olive`, `Earl-Grey`. */
const joints = new Set(["'", "’", "-", "‐", "‑"]);
export const isJoint = (word: Word | undefined) => word?.kind === "mark" && joints.has(word.lower);

/** Written alike in names: `Grün & Gut`, `Gruen und Gut`. */
const and = new Set(["&", "and", "und", "et", "y"]);

function forms(written: string, language: Language, bends: boolean): ReadonlySet<string> {
  if (written === "&") return and;
  const both = [fold(written), transcribed(written)];
  return new Set(bends ? both.flatMap((word) => rules[language].forms(word)) : both);
}

/** The names of one language; brands are in each. */
export class Dictionary {
  readonly #byFirst = new Map<string, Entry[]>();

  constructor(catalogue: Catalogue, private readonly language: Language) {
    for (const { id, labels, common, not } of catalogue.concepts.values()) {
      const ordinary = new Set(common?.[language] ?? []);
      for (const label of labels[language] ?? []) {
        this.#add(label, { entity: id, kind: "concept", common: ordinary.has(label) });
      }
      for (const phrase of not?.[language] ?? []) {
        this.#add(phrase, { entity: null, kind: "concept", common: false });
      }
    }
    for (const { id, name, common } of catalogue.brands.values()) {
      this.#add(name, { entity: id, kind: "brand", common: common.includes(language) });
    }
  }

  #add(name: string, entry: Omit<Entry, "words">): void {
    const written = wordsOf(name).filter((word) => word.kind !== "mark" || word.lower === "&");
    const words = written.map(({ lower }) => forms(lower, this.language, entry.kind === "concept"));
    for (const first of words[0] ?? []) {
      const known = this.#byFirst.get(first) ?? [];
      known.push({ ...entry, words });
      this.#byFirst.set(first, known);
    }
  }

  /** The longest names that begin at this word; several when they are equally long. */
  longest(words: readonly Word[], at: number): Found | undefined {
    let best: { entries: Entry[]; next: number } | undefined;
    for (const entry of this.#byFirst.get(words[at]?.folded ?? "") ?? []) {
      const next = after(entry, words, at);
      if (next === undefined || next < (best?.next ?? 0)) continue;
      if (next === best?.next) best.entries.push(entry);
      else best = { entries: [entry], next };
    }
    return best;
  }

  /** What a single folded word names. */
  named(word: string): Entry | undefined {
    return this.#byFirst.get(word)?.find(({ words, kind }) =>
      words.length === 1 && kind === "concept"
    );
  }
}

/** The place after the name when it stands here. */
function after(entry: Entry, words: readonly Word[], at: number): number | undefined {
  let place = at;
  for (const [index, forms] of entry.words.entries()) {
    if (index > 0) { while (isJoint(words[place])) place++; }
    if (!forms.has(words[place]?.folded ?? "")) return undefined;
    place++;
  }
  return place;
}

export type Dictionaries = Readonly<Record<Language, Dictionary>>;

export function dictionariesOf(catalogue: Catalogue): Dictionaries {
  const made = languages.map((language) => [language, new Dictionary(catalogue, language)]);
  return Object.fromEntries(made) as Record<Language, Dictionary>;
}
