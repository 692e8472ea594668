/**
 * A lane with its camera, its till and whoever stands there: the cashier scans, asks to be paid,
 * taps the name that the shopper tells, and has patience only up to a point.
 */
// long because one shopper is served here from the queue to the end of the sale
import type { Chance } from "../../hardware/simulated/chance.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { CameraDevice } from "../../runtime/sim/devices.ts";
import type { MicrophoneDevice } from "../../runtime/sim/ear.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import type { Random } from "../../runtime/world.ts";
import { wordFor } from "../demo/deciding.ts";
import { fillBasket } from "../demo/goods.ts";
import { Till } from "../demo/till.ts";
import type { SaleAnswer, TillSale, TillSay } from "../demo/till_words.ts";
import type { Guest } from "./crowd.ts";
import { demoPin } from "../demo/operators.ts";
import { LaneErrands } from "./errands.ts";
import { LaneHead } from "./head.ts";
import { LaneMouth } from "./mouth.ts";
import type { Person } from "./person.ts";
import type { Plan } from "./plan.ts";
import type { Screen } from "./screen.ts";
import { gatewayUrl, shop } from "./setting.ts";
import type { Witness } from "./witness.ts";

export interface LaneSetting {
  readonly id: string;
  readonly zone: string;
  readonly selection: "operator" | "automatic";
  readonly camera: CameraDevice;
  readonly microphone: MicrophoneDevice | undefined;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly random: Random;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Without HTTP. */
  readonly say?: TillSay;
  readonly screen?: Screen;
  readonly plan: () => Plan;
  readonly witness: Witness;
  readonly broken: (error: unknown) => void;
  /** An old disk was put back: the gateway may not know a sale of which it has told. */
  readonly mayForget: () => boolean;
}

const choosing = ["awaiting_candidates", "awaiting_selection"];
/** Somebody must say something. */
const asking = ["awaiting_eligibility", "awaiting_answer"];
/** Somebody is to turn the head. */
const turning = ["awaiting_turn", "turning_again"];
/** Who mumbles says this; nobody's initials are of one letter. */
const mumbled = "X";
const scan_ms = [2_000, 9_000] as const;
const most_mumbles = 4;
/** Who has chosen a phrase keys that instead of initials, now and then. */
const keys_phrase = 0.5;
/** Whoever was not understood once often is not again. */
const mumbles_on = 0.6;
const patience_ms = 25_000;
/** So long a cashier waits for an age that somebody proves on the phone. */
const proves_ms = 20_000;
/** A cashier looks at the till now and then, and sees at once when the sale has ended. */
const look_ms = 2_500;
/** Nor does one who watches somebody turn the head. */
const glance_ms = 300;

interface Waiting {
  readonly guest: Guest;
  readonly leave: () => void;
  readonly served: () => void;
}

export class LanePost {
  readonly zone: string;
  /** Sales that the till was told are captured. */
  captured = 0;
  readonly #setting: LaneSetting;
  readonly #till: Till;
  readonly #errands: LaneErrands;
  readonly #head: LaneHead;
  readonly #mouth: LaneMouth;
  readonly #waiting: Waiting[] = [];
  /** Sales of which the till has not heard the end. */
  readonly #unknown: TillSale[] = [];
  #busy = false;
  #front: Guest | undefined;
  /** Goes, and may not have gone yet. */
  #served: Guest | undefined;
  /** Of whom a film is held up. */
  #film: Person | undefined;
  #sales = 0;

  constructor(setting: LaneSetting) {
    this.#setting = setting;
    this.zone = setting.zone;
    const { id: lane, fetch, scheduler: clock, random } = setting;
    const ways = setting.say ? { fetch, say: setting.say } : { fetch };
    const operator = `cashier-${lane}`;
    const who = { operator, pin: demoPin };
    const till = this.#till = new Till({
      ...{ gateway: gatewayUrl, lane, ...who, clock, random },
      ...ways,
    });
    this.#mouth = new LaneMouth({ ...setting, lane });
    const head = this.#head = new LaneHead({ ...setting, lane });
    this.#errands = new LaneErrands({
      ...setting,
      lane,
      till,
      attend: (asked) => head.attend(asked),
    });
  }

  get queue(): number {
    return this.#waiting.length + (this.#busy ? 1 : 0);
  }

  /** Resolves when the guest has been served, or has gone. */
  serve(guest: Guest, leave: () => void): Promise<void> {
    return new Promise((served) => {
      this.#waiting.push({ guest, leave, served });
      if (!this.#busy) this.#work().catch(this.#setting.broken);
    });
  }

  /** Asks for the end of every sale that was given up; resolves when all are known. */
  async settle(): Promise<void> {
    for (let sale = this.#unknown.shift(); sale; sale = this.#unknown.shift()) {
      const again = sale;
      await this.#hearOut(again).catch((error) => this.#refused(again, error));
    }
    await this.#errands.settle();
  }

  stop(): void {
    this.#till.stop();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#claim(next.guest);
      this.#show(next.guest);
      await this.#setting.scheduler.sleep(this.#setting.chance.between(...scan_ms));
      this.#listen(next.guest);
      await this.#serve(next);
      this.#show(undefined);
      next.served();
      this.#served = next.guest;
      await this.#setting.scheduler.sleep(this.#setting.chance.between(500, 3_000));
    }
    this.#busy = false;
  }

  async #serve(next: Waiting): Promise<void> {
    const { chance, plan } = this.#setting;
    const { wants_change, pretends, brings_back } = plan();
    if (chance.happens(wants_change)) {
      const others = this.#waiting.map(({ guest }) => guest);
      if (this.#served) others.push(this.#served);
      const pretended = others.length > 0 && chance.happens(pretends);
      const { initials } = pretended ? chance.pick(others).person : this.#claimed(next.guest);
      await this.#errands.change(initials);
    }
    const sale = this.#newSale();
    const end = await this.#sell(next, sale).catch((error) => this.#refused(sale, error));
    if (end?.outcome === "captured" && chance.happens(brings_back)) {
      await this.#errands.bringBack(end);
    }
  }

  #show(guest: Guest | undefined): void {
    this.#front = guest;
    const faces = (guest ? 1 : 0) + Math.min(2, this.#waiting.length);
    const shown = guest && this.#claimed(guest);
    this.#head.show(shown?.face, shown !== guest?.person, faces);
  }

  /** Some hold up a film of another who is here, and say that they are that one. */
  #claim(guest: Guest): void {
    const { chance, plan } = this.#setting;
    const others = this.#others(guest);
    const films = chance.happens(plan().films);
    this.#film = films && others.length > 0 ? chance.pick(others) : undefined;
  }

  /** Those who wait here, and the one before. */
  #others(guest: Guest): Person[] {
    return [...this.#waiting.map((one) => one.guest), this.#served]
      .flatMap((one) => one && one.person !== guest.person ? [one.person] : []);
  }

  #claimed({ person }: Guest): Person {
    return this.#film ?? person;
  }

  async #sell({ guest, leave }: Waiting, sale: TillSale): Promise<SaleAnswer | undefined> {
    const { id, scheduler, chance, plan, witness } = this.#setting;
    const { till_gives_up, leaves_in_mid_sale } = plan();
    const gives_up_ms = chance.happens(till_gives_up) ? chance.between(0, 12_000) : Infinity;
    if (chance.happens(leaves_in_mid_sale)) {
      scheduler.after(chance.between(0, 6_000), () => {
        if (this.#front !== guest) return;
        this.#show(undefined);
        leave();
        for (const { phone } of guest.carries) phone.leave();
      });
    }
    witness.tillAsked(id, sale);
    let since_ms = scheduler.now_ms();
    const waited_ms = () => scheduler.now_ms() - since_ms;
    const here = () => this.#front === guest && waited_ms() < 2 * patience_ms;
    let answer = this.#told(sale, await this.#till.open(sale, here));
    if (!answer) return undefined;
    let given = 0;
    while (answer.outcome === null) {
      if (waited_ms() > gives_up_ms) {
        // Cash is taken; how the sale ended is asked at the end of the day.
        if (chance.happens(0.5)) this.#told(sale, await this.#till.cancel(answer.payment));
        this.#unknown.push(sale);
        return undefined;
      }
      const turns: boolean = turning.includes(answer.state);
      const looked_ms = scheduler.now_ms();
      if (turns) this.#attend(guest, () => answer?.state);
      const choice: boolean = choosing.includes(answer.state);
      const asked: boolean = asking.includes(answer.state);
      const next: SaleAnswer | undefined = choice
        ? await this.#choose(guest, answer, waited_ms())
        : asked
        ? await this.#decide(guest, answer, { given, waited_ms: waited_ms() })
        : undefined;
      if (answer.state === "awaiting_answer") given++;
      if (!next) await scheduler.sleep(turns ? glance_ms : look_ms);
      const looked: SaleAnswer | undefined = next ??
        await this.#till.look(answer.payment, choice || asked ? 0 : 8_000);
      // Nobody loses patience over what they are asked to do.
      if (turns) since_ms += scheduler.now_ms() - looked_ms;
      answer = this.#told(sale, looked) ?? answer;
    }
    // The goods are gone; how it ended is asked at the end of the day.
    if (answer.outcome === "accepted_offline") this.#unknown.push(sale);
    return answer;
  }

  /** Whoever stands there says what the display asks for, whatever the cashier looks at. */
  #listen(guest: Guest): void {
    const here = () => this.#front === guest;
    const others = () => this.#others(guest);
    this.#mouth.attend({ person: guest.person, others, here }).catch(this.#setting.broken);
  }

  /** Whoever stands there reads the display for as long as a turn may be asked for. */
  #attend(guest: Guest, state: () => string | undefined): void {
    const asked = () => this.#front === guest && turning.includes(state() ?? "");
    this.#head.attend(asked).catch(this.#setting.broken);
  }

  /** Says what the sale waits for; careless staff say something else. */
  async #decide(
    guest: Guest,
    answer: SaleAnswer,
    { given, waited_ms }: { readonly given: number; readonly waited_ms: number },
  ): Promise<SaleAnswer | undefined> {
    const { chance, plan, witness, id, scheduler } = this.#setting;
    const person = this.#claimed(guest);
    const { payment, restricted, candidates } = answer;
    if (waited_ms > 3 * patience_ms) return await this.#till.cancel(payment);
    await scheduler.sleep(chance.between(500, 4_000));
    const operator = `cashier-${id}`;
    if (answer.state === "awaiting_answer") {
      if (this.#mouth.speaks) return undefined;
      const by_phrase = person.phrase !== undefined && chance.happens(keys_phrase);
      const kind = by_phrase ? "phrase" : "initials";
      const own = by_phrase ? person.phrase ?? "" : person.initials;
      const other = candidates.length > 0 && chance.happens(plan().taps_wrong_name)
        ? chance.pick(candidates).initials
        : mumbled;
      const mumbles = chance.happens(given === 0 ? plan().mumbles : plan().mumbles && mumbles_on);
      const said = mumbles && given < most_mumbles ? other : own;
      witness.noticed({ fact: "keys", payment, kind, answer: said });
      return await this.#till.decide({ say: "answer", payment, kind, answer: said });
    }
    const careless = chance.happens(plan().careless_staff);
    const dropped = answer.dropped.length;
    const waits = !careless && waited_ms < proves_ms && this.#proves(person, answer);
    if (waits) return undefined;
    const word = careless
      ? chance.pick([
        { say: "confirm", payment } as const,
        { say: "drop", payment, drop: [0], dropped } as const,
        { say: "drop", payment, drop: restricted.map(({ item }) => item), dropped } as const,
      ])
      : wordFor(answer, { initials: person.initials, mumbles: 0 }, 0);
    if (word?.say !== "confirm" && word?.say !== "drop") return undefined;
    witness.noticed({ fact: "decides", word: word.say, payment, operator });
    return await this.#till.decide(word);
  }

  /** Says that the phone will prove an age that is missing. */
  #proves({ document }: Person, { state, restricted }: SaleAnswer): boolean {
    return state === "awaiting_eligibility" && document !== undefined &&
      restricted.some(({ eligible }) => !eligible);
  }

  /** Taps the one whose name is told, or gives up; undefined when there is nothing to do yet. */
  async #choose(
    guest: Guest,
    { payment, candidates }: SaleAnswer,
    waited_ms: number,
  ): Promise<SaleAnswer | undefined> {
    const { chance, plan, witness, id } = this.#setting;
    if (waited_ms > patience_ms) return await this.#till.cancel(payment);
    if (this.#setting.selection === "automatic") return undefined;
    const own = candidates.find((candidate) => candidate.first_name === this.#claimed(guest).name);
    const wrong = candidates.length > 0 && chance.happens(plan().taps_wrong_name);
    const tapped = wrong ? chance.pick(candidates) : own;
    if (!tapped) return undefined;
    witness.tapped(payment, tapped.visit, `cashier-${id}`);
    return await this.#till.select(payment, tapped.visit);
  }

  /** A gateway that has forgotten the sale is asked for it again at the end of the day. */
  #refused(sale: TillSale, error: unknown): undefined {
    const refused = error instanceof RuntimeError && error.kind === "request_invalid";
    if (!refused || !this.#setting.mayForget()) throw error;
    this.#unknown.push(sale);
  }

  async #hearOut(sale: TillSale): Promise<void> {
    const { scheduler } = this.#setting;
    let answer = this.#told(sale, await this.#till.open(sale, () => true));
    while (answer?.outcome === null) {
      const waits = [...choosing, ...asking, ...turning].includes(answer.state);
      if (waits) await this.#till.cancel(answer.payment);
      await scheduler.sleep(look_ms);
      answer = this.#told(sale, await this.#till.look(answer.payment, 8_000)) ?? answer;
    }
  }

  #told(sale: TillSale, answer: SaleAnswer | undefined): SaleAnswer | undefined {
    if (!answer) return undefined;
    this.#setting.witness.tillTold(this.#setting.id, sale, answer);
    if (answer.outcome === "captured") this.captured++;
    return answer;
  }

  #newSale(): TillSale {
    const { id, chance, plan } = this.#setting;
    const { restricted_baskets, says_less } = plan();
    const { items, amount_minor } = fillBasket(chance, {
      restricted: chance.happens(restricted_baskets),
    });
    const accept_partial = says_less > 0 && chance.happens(0.7);
    const service_id = (this.#sales++).toString(36).padStart(8, "0");
    const { currency } = shop.store;
    return {
      poi_id: `poi-${id}`,
      sale_id: `till-${id}`,
      service_id,
      amount_minor,
      currency,
      items,
      ...(accept_partial ? { accept_partial } : {}),
    };
  }
}
