/**
 * The demo store's regulars: names, faces, and how they pay. Most have an account; some never
 * heard of it and pay cash, and a few have an instrument that their bank declines.
 */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { Regular } from "../../hardware/simulated/walker.ts";

export interface CastMember extends Regular {
  readonly first_name: string;
  readonly initials: string;
  /** What their account pays with; undefined for those without account. */
  readonly instrument: string | undefined;
}

const firstNames = [
  "Ana",
  "Bilal",
  "Chiara",
  "Dawit",
  "Elif",
  "Fatou",
  "Goran",
  "Hanna",
  "Ivo",
  "Jun",
  "Kofi",
  "Lena",
  "Mateus",
  "Nadia",
  "Oskar",
  "Priya",
  "Quirin",
  "Rosa",
  "Sami",
  "Thandi",
  "Umar",
  "Vera",
  "Wei",
  "Ximena",
  "Yusuf",
  "Zofia",
] as const;
const surnameInitials = "ABCDEFGHKLMNOPRSTVWZ";

/** One in this many has no account, one in this many an instrument that is declined. */
const strangers_one_in = 8;
const declined_one_in = 12;

export interface CastSize {
  readonly seed: number | string;
  /** 2 000 at most, so that initials and first name tell everybody apart. */
  readonly people: number;
}

/** The same people for the same seed. */
export function castPeople({ seed, people }: CastSize): CastMember[] {
  if (people > 2_000) throw new RangeError(`a demo store has at most 2000 people, not ${people}`);
  const chance = chanceOf(`${seed}/people`);
  const taken = new Set<string>();
  return Array.from({ length: people }, (_, place) => {
    const first_name = firstNames[place % firstNames.length] ?? "Ana";
    const initials = freshInitials(first_name, () => chance.whole(surnameInitials.length), taken);
    const shopper = `${first_name} ${initials.slice(1)}.`;
    return {
      shopper,
      first_name,
      initials,
      identity: 1 + chance.whole(2 ** 30),
      instrument: instrumentOf(place),
    };
  });
}

/** Two or three letters that nobody of that first name has yet. */
function freshInitials(first_name: string, letter: () => number, taken: Set<string>): string {
  for (let tries = 0;; tries++) {
    const length = tries < surnameInitials.length ? 1 : 2;
    const rest = Array.from({ length }, () => surnameInitials[letter()] ?? "A").join("");
    const initials = `${first_name.slice(0, 1)}${rest}`;
    if (taken.has(`${first_name} ${initials}`)) continue;
    taken.add(`${first_name} ${initials}`);
    return initials;
  }
}

function instrumentOf(place: number): string | undefined {
  if (place % strangers_one_in === strangers_one_in - 1) return undefined;
  return place % declined_one_in === 4 ? "test_insufficient_funds" : "test_ok";
}
