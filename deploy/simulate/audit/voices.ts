/**
 * The auditor's book of spoken digits: which were shown at which lane, who said which, and that
 * whoever is charged for them is the one whose voice they were.
 */
import type { Fact } from "../facts.ts";
import type { Report } from "./finding.ts";
import type { PeopleBook } from "./people.ts";

interface Said {
  readonly at_ms: number;
  readonly voice: Float32Array;
  /** As they were shown then. */
  readonly right: boolean;
}

const said_kept = 200;

export class VoiceBook {
  /** By microphone. */
  readonly #shown = new Map<string, string>();
  readonly #said = new Map<string, Said[]>();
  #count = 0;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    private readonly people: PeopleBook,
    private readonly microphoneOf: (lane: string) => string,
  ) {}

  /** Charges by a voice. */
  get count(): number {
    return this.#count;
  }

  prompted({ microphone, digits }: Extract<Fact, { fact: "prompted" }>): void {
    this.#shown.set(microphone, digits.join(" "));
  }

  speaks({ microphone, digits, voice }: Extract<Fact, { fact: "speaks" }>): void {
    const right = digits.join(" ") === this.#shown.get(microphone);
    const known = this.#said.get(microphone) ?? [];
    known.push({ at_ms: this.now_ms(), voice, right });
    this.#said.set(microphone, known.slice(-said_kept));
  }

  /** A voice told who it is that pays at a lane, for a sale that began then. */
  charged(payment: string, account: string, lane: string, since_ms: number): void {
    this.#count++;
    const own = this.people.of(account)?.voice;
    const said = this.#said.get(this.microphoneOf(lane)) ?? [];
    const spoke = said.filter(({ voice, at_ms }) => voice === own && at_ms >= since_ms);
    if (spoke.some(({ right }) => right)) return;
    const detail = spoke.length > 0 ? "said other digits" : "said nothing";
    this.report("a voice tells who it is", `${account} ${detail}`, payment);
  }

  forget(): void {
    this.#said.clear();
  }
}
