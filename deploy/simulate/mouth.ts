/**
 * Whoever stands at a lane with a microphone and reads digits on its display: says them, says
 * others, says nothing, or somebody else speaks.
 */
import { z } from "zod";
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { MicrophoneDevice } from "../../runtime/sim/ear.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import type { Person } from "./person.ts";
import type { Plan } from "./plan.ts";
import type { Screen } from "./screen.ts";
import { gatewayUrl } from "./setting.ts";
import type { Witness } from "./witness.ts";

export interface MouthSetting {
  readonly lane: string;
  /** Where nobody listens, nobody speaks. */
  readonly microphone: MicrophoneDevice | undefined;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly fetch: (request: Request) => Promise<Response>;
  /** In place of reading the display over HTTP. */
  readonly screen?: Screen;
  readonly plan: () => Plan;
  readonly witness: Witness;
}

const reads_ms = [800, 3_000] as const;
const looks_ms = 1_000;
const answer_ms = 1_000;
/** Whoever misread the digits misreads them again. */
const misreads_on = 0.8;
/** Some would rather key their initials. */
const keys_instead = 0.2;
const shown = z.object({ say: z.array(z.int()).nullable() });

export class LaneMouth {
  readonly #setting: MouthSetting;
  #misreads = false;
  #keys = false;
  /** Counts those who came. */
  #turn = 0;
  #asked: readonly number[] | null = null;

  constructor(setting: MouthSetting) {
    this.#setting = setting;
  }

  /** Digits are shown, and whoever stands there would rather say them than key initials. */
  get speaks(): boolean {
    return this.#asked !== null && !this.#keys;
  }

  /** Another stands there, and reads the display for as long as it is so. */
  async attend(
    { person, others, here }: {
      readonly person: Person;
      readonly others: () => readonly Person[];
      readonly here: () => boolean;
    },
  ): Promise<void> {
    const { microphone, scheduler, screen, chance } = this.#setting;
    if (microphone === undefined) return;
    const turn = ++this.#turn;
    this.#asked = null;
    this.#misreads = false;
    this.#keys = chance.happens(keys_instead);
    for (let last = ""; here() && turn === this.#turn;) {
      const seen = screen?.now;
      const asked = await this.#read();
      if (turn !== this.#turn) return;
      this.#asked = asked;
      const now = asked?.join(" ") ?? "";
      if (asked !== null && now !== last && this.speaks) {
        await this.#answer(microphone, asked, person, others());
      }
      last = now;
      await (screen?.other(seen) ?? scheduler.sleep(looks_ms));
    }
  }

  async #answer(
    microphone: MicrophoneDevice,
    asked: readonly number[],
    person: Person,
    others: readonly Person[],
  ): Promise<void> {
    const { scheduler, chance, plan, witness } = this.#setting;
    const { digits_wrong, digits_unsaid, others_speak } = plan();
    if (chance.happens(digits_unsaid)) return;
    await scheduler.sleep(chance.between(...reads_ms));
    this.#misreads = chance.happens(this.#misreads ? misreads_on : digits_wrong);
    const speaks = others.length > 0 && chance.happens(others_speak) ? chance.pick(others) : person;
    const digits = this.#misreads ? asked.map((digit) => (digit + 1) % 10) : asked;
    const { voice } = speaks;
    witness.noticed({ fact: "speaks", microphone: microphone.id, digits, voice });
    microphone.say({ voice, digits });
  }

  /** What the display asks to be said; null while it asks for nothing, or is away. */
  async #read(): Promise<readonly number[] | null> {
    const { scheduler, fetch, lane, screen } = this.#setting;
    if (screen) return screen.now === undefined ? null : shown.parse(screen.now).say;
    const late = new AbortController();
    const cancel = scheduler.after(answer_ms, () => late.abort());
    try {
      const place = new URL(`/lane/${lane}/now`, gatewayUrl);
      const answer = await fetch(new Request(place, { signal: late.signal }));
      if (answer.ok) return shown.parse(await answer.json()).say;
      await answer.body?.cancel();
      return null;
    } catch (error) {
      if (error instanceof z.ZodError) throw error;
      return null;
    } finally {
      cancel();
    }
  }
}
