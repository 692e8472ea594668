/**
 * The phones in the pockets of the demo's people, and what their owners tell a cashier. People
 * without account have no phone that anybody here knows of.
 */
import type { PhoneRadioPort } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { utf8 } from "../../runtime/vault/bytes.ts";
import type { Template } from "../../runtime/world.ts";
import {
  type Phone,
  phone,
  type PhoneEvent,
  type PhoneRules,
  type PhoneWorld,
} from "../phone/phone.ts";
import type { Customer } from "./cashier.ts";
import { Manner, type Papers, type Reply } from "./manners.ts";
import { money, type Narrator } from "./narrator.ts";
import type { CastMember } from "./people.ts";
import { Pocket } from "./pocket.ts";
import { portraits } from "./portraits.ts";

/** Pictures of one person to a template. */
export type Enrol = (pictures: readonly Picture[]) => Promise<Template>;

/** Has the issuer's office write down what somebody's papers say. */
export type Attest = (account: string, papers: Papers) => Promise<void>;

/** Where accounts are opened, and who helps. */
export interface Desk {
  readonly issuer: string;
  readonly enrol: Enrol;
  /** Absent where nobody speaks for the issuer's office. */
  readonly attest?: Attest;
}

export interface ShoppersSetting {
  readonly seed: number | string;
  readonly people: readonly CastMember[];
  readonly world: PhoneWorld;
  readonly radio: (shopper: string) => PhoneRadioPort;
  readonly rules: Partial<PhoneRules>;
  readonly narrator: Narrator;
}

/** The notice that shoppers of the demo agree to. */
const notice_version = "demo-1";
/** People who enrol at the same time. */
const enrolling_at_once = 4;
/** How often somebody takes all their pictures, before giving up. */
const picture_attempts = 4;
/** Between two complaints about the same trouble. */
const complaint_ms = 5_000;

export class Shoppers {
  /** Check-ins so far. */
  check_ins = 0;
  /** Receipts of purchases of this run. */
  receipts_new = 0;
  readonly #setting: ShoppersSetting;
  readonly #members: ReadonlyMap<string, CastMember>;
  readonly #phones = new Map<string, Phone>();
  readonly #pockets = new Map<string, Pocket>();
  readonly #manners = new Map<string, Manner>();
  readonly #receipts = new Map<string, Receipt[]>();
  readonly #started_at_ms: number;
  #complained_at_ms = -Infinity;

  constructor(setting: ShoppersSetting) {
    this.#setting = setting;
    this.#members = new Map(setting.people.map((member) => [member.shopper, member]));
    this.#started_at_ms = setting.world.clock.now_ms();
  }

  /** Opens an account and enrols a face for everybody who wants one; how many these are. */
  async enrol(at: Desk): Promise<number> {
    const waiting = this.#setting.people.filter((member) => member.instrument !== undefined);
    const accounts = waiting.length;
    const desk = async () => {
      for (let member = waiting.shift(); member !== undefined; member = waiting.shift()) {
        await this.#join(member, at);
      }
    };
    await Promise.all(Array.from({ length: enrolling_at_once }, desk));
    return accounts;
  }

  customer(shopper: string): Customer {
    const member = this.#members.get(shopper);
    if (member === undefined) throw new RangeError(`nobody here is called ${shopper}`);
    const { first_name, initials } = member;
    const account = this.#phones.get(shopper)?.account ?? null;
    const errand = this.#mannerOf(shopper).errand();
    const other = errand.pretends ? this.#somebodyElse(shopper) : undefined;
    return {
      ...{ shopper, first_name, initials, account, errand },
      ...(other === undefined ? {} : { pretended: other }),
    };
  }

  /** How phones answered what they were asked. */
  get replies(): readonly Reply[] {
    return [...this.#pockets.values()].flatMap(({ replies }) => replies);
  }

  /** Every receipt of every account, after a last look. */
  async receipts(): Promise<ReadonlyMap<string, readonly Receipt[]>> {
    await Promise.all([...this.#phones.values()].map((own) => own.receipts()));
    return this.#receipts;
  }

  stop(): void {
    for (const pocket of this.#pockets.values()) pocket.stop();
    for (const own of this.#phones.values()) own.stop();
  }

  async #join(member: CastMember, { issuer, enrol, attest }: Desk): Promise<void> {
    const { seed, world, rules, radio } = this.#setting;
    const { shopper, first_name, initials, instrument, identity } = member;
    if (instrument === undefined) return;
    // A demo's accounts hold nothing: their keys are known to whoever knows the seed.
    const deviceSeed = world.vault.sha256(utf8(`saunter demo device ${seed} ${shopper}`));
    const own = phone(world, { issuer, deviceSeed, rules });
    this.#phones.set(shopper, own);
    const account = await own.openAccount({ first_name, initials, instrument });
    this.#receipts.set(account, []);
    const manner = this.#mannerOf(shopper);
    const { narrator } = this.#setting;
    const pocket = new Pocket({ shopper, phone: own, manner, clock: world.clock, narrator });
    this.#pockets.set(shopper, pocket);
    own.watch((event) => this.#heard(shopper, account, event));
    await own.enrolFace(await takeTemplate(identity, enrol), notice_version);
    const { papers, sale_limit_minor: sale_minor } = manner;
    if (sale_minor !== undefined) await own.limits({ ...await own.limits(), sale_minor });
    if (papers !== undefined) await attest?.(account, papers);
    radio(shopper).listen((sighting) => own.hear(sighting));
  }

  #mannerOf(shopper: string): Manner {
    const known = this.#manners.get(shopper);
    if (known !== undefined) return known;
    const year = new Date(this.#started_at_ms).getUTCFullYear();
    const manner = new Manner(this.#setting.seed, shopper, year);
    this.#manners.set(shopper, manner);
    return manner;
  }

  /** Initials of another who is checked in. */
  #somebodyElse(shopper: string): string | undefined {
    const [other] =
      [...this.#phones].find(([name, own]) => name !== shopper && own.checkIn !== undefined) ?? [];
    return other === undefined ? undefined : this.#members.get(other)?.initials;
  }

  #heard(shopper: string, account: string, event: PhoneEvent): void {
    const { narrator } = this.#setting;
    switch (event.type) {
      case "checked_in":
        this.check_ins++;
        return narrator.say("checks in", shopper, event.merchant_name);
      case "receipt":
        return this.#receipt(shopper, account, event.receipt);
      case "unreachable":
        return this.#complain("waits", shopper, "the issuer does not answer; trying again");
      case "refused":
        return this.#complain("is refused", shopper, event.reason);
      case "approval_asked":
        return this.#pockets.get(shopper)?.asked(event.approval);
      case "account_change":
        return this.#pockets.get(shopper)?.changed(event.change);
      case "refused_late":
        return narrator.say("is told", shopper, `nothing is charged: ${event.refusal.reason}`);
      case "content_shown":
      case "renewed":
      case "left":
      case "ended":
        return;
    }
  }

  #receipt(shopper: string, account: string, receipt: Receipt): void {
    this.#receipts.get(account)?.push(receipt);
    // A phone of an earlier run's account reads its whole history first.
    if (receipt.captured_at_ms < this.#started_at_ms) return;
    const back = receipt.refund !== null;
    if (!back) this.receipts_new++;
    const amount = money(receipt.amount_minor, receipt.currency);
    this.#setting.narrator.say("has receipt", shopper, back ? `${amount} given back` : amount);
  }

  #complain(what: string, who: string, reason: string): void {
    const now_ms = this.#setting.world.clock.now_ms();
    if (now_ms < this.#complained_at_ms + complaint_ms) return;
    this.#complained_at_ms = now_ms;
    this.#setting.narrator.say(what, who, reason);
  }
}

/**
 * As an app does: where perception will not have a picture, that one is taken again in another
 * place, until there are enough.
 */
async function takeTemplate(identity: number, enrol: Enrol): Promise<Template> {
  const first = portraits(identity);
  const whole = await unlessUnfit(enrol(first));
  if (whole !== undefined) return whole;
  const fit: Picture[] = [];
  for (let attempt = 0; attempt < picture_attempts; attempt++) {
    for (const picture of attempt === 0 ? first : portraits(identity, attempt)) {
      const alone = await unlessUnfit(enrol([picture]));
      alone?.values.fill(0);
      if (alone !== undefined && fit.push(picture) === first.length) return await enrol(fit);
    }
  }
  return await enrol(fit);
}

async function unlessUnfit(template: Promise<Template>): Promise<Template | undefined> {
  try {
    return await template;
  } catch (error) {
    if (error instanceof RuntimeError && error.kind === "request_invalid") return undefined;
    throw error;
  }
}
