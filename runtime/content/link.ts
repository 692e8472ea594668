/**
 * Finds the catalogue's things in a text: the longest name wins, a word of several meanings needs
 * company that speaks for one of them, and what is said to be absent is not there. Every finding
 * has its place and a score; those below the threshold are dropped.
 */
// long because the weights of the evidence are read beside what they weigh
import type { Catalogue } from "./catalogue.ts";
import { partsOf } from "./compounds.ts";
import { type Dictionaries, dictionariesOf, type Entry, isJoint } from "./dictionary.ts";
import { gtin14 } from "./gtin.ts";
import { rules } from "./languages.ts";
import { fold, type Sentence, sentencesOf, type Word } from "./words.ts";

/** A thing in a text. Places are of the tidy text. */
export interface Mention {
  /** `ingredient/tomato`, `category/bread`, `brand/fattoria` or `gtin/` and 14 digits. */
  readonly entity: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

export interface Linker {
  mentions(text: string, language: string): readonly Mention[];
}

/** What each kind of evidence is worth; a finding counts from `enough`. */
const weights = {
  enough: 0.6,
  plain: 0.9,
  compound: 0.75,
  /** An ordinary word that may be the thing. */
  common: 0.4,
  /** Another thing of the catalogue in the same sentence. */
  company: 0.35,
  /** Other things elsewhere in the same text, two at least. */
  elsewhere: 0.2,
  /** A word of kitchens and shops in the same sentence. */
  goods: 0.25,
  /** A word that the catalogue names for this meaning. */
  cue: 0.35,
  /** The same thing is beyond doubt elsewhere in the text: one sense per discourse (Gale, Church
   * and Yarowsky 1992). */
  discourse: 0.5,
  /** Written like the name of a person or a country. */
  proper: -0.3,
  brand_common: 0.2,
  registered: 0.5,
  brand_word: 0.45,
  maker: 0.25,
  brand_company: 0.25,
} as const;

/** How far behind `without` a thing is still meant. */
const absent_words = 8;

/** A place in a text and what may stand there. */
interface Spot {
  readonly sentence: Sentence;
  readonly from: number;
  readonly next: number;
  readonly entries: readonly Entry[];
  readonly compound: boolean;
}

const first = (spot: Spot) => spot.sentence.words[spot.from]!;
const last = (spot: Spot) => spot.sentence.words[spot.next - 1]!;
const isCertain = ({ entries }: Spot) =>
  entries.length === 1 && !entries[0]!.common && entries[0]!.kind === "concept";

export function createLinker(catalogue: Catalogue): Linker {
  const dictionaries = dictionariesOf(catalogue);
  const goodsOf = new Map<string, Set<string>>();
  for (const { brand, about } of catalogue.products.values()) {
    if (brand === undefined) continue;
    goodsOf.set(brand, new Set([...goodsOf.get(brand) ?? [], ...about]));
  }
  return {
    mentions(text, language) {
      const sentences = sentencesOf(text, language);
      const spots = sentences.flatMap((sentence) => spotsOf(dictionaries, sentence));
      const reader = new Reader(catalogue, goodsOf, spots);
      const found = [...gtinsIn(text, catalogue), ...spots.flatMap((spot) => reader.read(spot))];
      return found.sort((a, b) => a.start - b.start || b.score - a.score);
    },
  };
}

/** Everything in a sentence that may be a thing and is not said to be absent. */
function spotsOf(dictionaries: Dictionaries, sentence: Sentence): Spot[] {
  const { words, language } = sentence;
  const dictionary = dictionaries[language];
  const absent = absentIn(sentence);
  const spots: Spot[] = [];
  for (let at = 0; at < words.length;) {
    const word = words[at]!;
    const found = word.kind === "word" ? dictionary.longest(words, at) : undefined;
    const next = found?.next ?? at + 1;
    const parts = found === undefined && language === "de" ? partsOf(dictionary, word.folded) : [];
    const means = found?.entries.some(({ entity }) => entity === null) ? [] : found?.entries;
    const entries = (means ?? parts).filter((entry) => mayBegin(entry, word, sentence));
    if (entries.length > 0 && !absent.has(at) && !isTakenAway(words, next)) {
      spots.push({ sentence, from: at, next, entries, compound: found === undefined });
    }
    at = next;
  }
  return spots;
}

/** A small word of the language is no thing, and a brand begins with a capital. */
function mayBegin(entry: Entry, word: Word, { language }: Sentence): boolean {
  if (entry.kind === "brand") return word.capital;
  return entry.words.length > 1 || !rules[language].stop.has(word.lower);
}

/** `-free` and `-frei` after it. */
function isTakenAway(words: readonly Word[], next: number): boolean {
  return isJoint(words[next]) && /^(free|frei(e[rsnm]?)?)$/.test(words[next + 1]?.folded ?? "");
}

/** Places of the words that a `without` reaches. */
function absentIn({ words, language }: Sentence): ReadonlySet<number> {
  const { absent, stop, conjunctions } = rules[language];
  const reached = new Set<number>();
  for (const [at, word] of words.entries()) {
    if (!absent.has(word.lower)) continue;
    const open = /^(free|frei)$/.test(word.lower);
    if (open && !/^(of|from|von)$/.test(words[at + 1]?.lower ?? "")) continue;
    let named = false;
    for (let place = at + 1; place < words.length && place <= at + absent_words; place++) {
      const next = words[place]!;
      if (next.kind === "mark" && !isJoint(next)) break;
      const small = stop.has(next.lower) && !conjunctions.has(next.lower);
      if (small && named && !absent.has(next.lower)) break;
      named ||= !stop.has(next.lower);
      reached.add(place);
    }
  }
  return reached;
}

/** Weighs each spot against all others of its text. */
class Reader {
  readonly #certain: ReadonlySet<string>;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly goodsOf: ReadonlyMap<string, ReadonlySet<string>>,
    private readonly spots: readonly Spot[],
  ) {
    this.#certain = new Set(spots.filter(isCertain).map(({ entries }) => entries[0]!.entity!));
  }

  read(spot: Spot): Mention[] {
    const { start } = first(spot);
    const { end } = last(spot);
    const weighed = spot.entries.map((entry) => ({
      entity: entry.entity!,
      score: this.#score(spot, entry),
    }))
      .filter(({ score }) => score >= weights.enough)
      .sort((a, b) => b.score - a.score);
    // The halves of a compound are both meant; of several meanings one is.
    const meant = spot.compound ? weighed : weighed.slice(0, 1);
    return meant.map(({ entity, score }) => ({ entity, start, end, score }));
  }

  #score(spot: Spot, entry: Entry): number {
    const raw = entry.kind === "brand" ? this.#brand(spot, entry) : this.#concept(spot, entry);
    return Math.min(1, Math.round(raw * 100) / 100);
  }

  #concept(spot: Spot, entry: Entry): number {
    if (!entry.common) return spot.compound ? weights.compound : weights.plain;
    if (spot.compound && spot.entries.length > 1) return weights.compound;
    const { sentence } = spot;
    const { goods } = rules[sentence.language];
    const others = this.spots.filter((other) => other !== spot);
    const beside = others.filter((other) => other.sentence === sentence);
    const cues = this.catalogue.concepts.get(entry.entity!)?.cues?.[sentence.language] ?? [];
    const folded = new Set(cues.map(fold));
    const around = sentence.words.filter((_, place) => place < spot.from || place >= spot.next);
    let score: number = weights.common;
    if (beside.some((other) => isCertain(other) || this.#sellsIt(other, entry))) {
      score += weights.company;
    } else if (others.filter(isCertain).length >= 2) score += weights.elsewhere;
    if (around.some(({ lower }) => goods.has(lower))) score += weights.goods;
    if (around.some((word) => folded.has(word.folded))) score += weights.cue;
    if (this.#certain.has(entry.entity!)) score += weights.discourse;
    if (isProper(spot)) score += weights.proper;
    return score;
  }

  /** The spot is a brand, said as such, that makes this. */
  #sellsIt(spot: Spot, entry: Entry): boolean {
    return spot.entries.some((one) =>
      one.kind === "brand" && this.goodsOf.get(one.entity!)?.has(entry.entity!) &&
      this.#brand(spot, one) >= weights.enough
    );
  }

  #brand(spot: Spot, entry: Entry): number {
    if (!entry.common) return weights.plain;
    const { sentence, from, next } = spot;
    const { brand, maker } = rules[sentence.language];
    const before = sentence.words[from - 1]?.lower ?? "";
    const goods = this.goodsOf.get(entry.entity!);
    const company = this.spots.some((other) =>
      other.sentence === sentence && other.entries.some(({ entity }) => goods?.has(entity!))
    );
    let score: number = weights.brand_common;
    if (sentence.words[next]?.lower === "®") score += weights.registered;
    if (brand.has(before)) score += weights.brand_word;
    if (maker.has(before)) score += weights.maker;
    if (company) score += weights.brand_company;
    return score;
  }
}

/** A capital within a sentence, where nouns have none. */
function isProper(spot: Spot): boolean {
  const { sentence, from } = spot;
  const word = first(spot);
  return sentence.language !== "de" && from > 0 && word.capital && /\p{Ll}/u.test(word.lower) &&
    sentence.words.some(({ kind, lower, capital }) => kind === "word" && !capital && lower !== "");
}

/** Eight to fourteen digits, in groups or not. */
const digits = /(?<![\p{L}\p{N}])(?:\d{8}|\d{12,14}|\d{1,7}(?:[ -]\d{1,7}){1,6})(?![\p{L}\p{N}])/gu;
const saysNumber = /\b(?:e\.?a\.?n|gtin|u\.?p\.?c|bar ?code|strichcode)\W{0,3}(?:code\W{0,3})?$/i;

/** Numbers of goods: those that the catalogue has, and those that are said to be one. */
function* gtinsIn(text: string, { products }: Catalogue): Generator<Mention> {
  for (const match of text.matchAll(digits)) {
    const number = gtin14(match[0].replace(/[ -]/g, ""));
    if (number === undefined) continue;
    const said = saysNumber.test(text.slice(Math.max(0, match.index - 24), match.index));
    if (!said && !products.has(number)) continue;
    const place = { start: match.index, end: match.index + match[0].length };
    yield { entity: `gtin/${number}`, ...place, score: said ? 1 : weights.plain };
  }
}
