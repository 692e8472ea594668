/**
 * Somebody who shops here: a face, and the phones that belong to it. Whose phone is in the pocket
 * on a given day is another matter.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { enrolledVoice, voiceOf } from "../../runtime/sim/ear.ts";
import { faceOf, simulatedModel } from "../../runtime/sim/faces.ts";
import type { Clock, Random, Vault } from "../../runtime/world.ts";
import type { Speak } from "../../runtime/sync/contract/port.ts";
import { Manner, type Papers } from "../demo/manners.ts";
import { documentOf, type IdentityDocument } from "./documents.ts";
import { type IssuerKeys, type Phone, phone } from "../phone/phone.ts";
import type { PhoneRules } from "../phone/rules.ts";
import type { Plan } from "./plan.ts";
import { Pocket, type PocketSetting } from "./pocket.ts";
import { shop, start_ms } from "./setting.ts";
import type { Witness } from "./witness.ts";

/** A phone hears little and asks little: what it does not do costs no time. */
export const rules: Partial<PhoneRules> = {
  sightings: 1,
  away_after_ms: 45_000,
  receipt_interval_ms: 240_000,
  receipt_grace_ms: 60_000,
};

export interface Handset {
  readonly phone: Phone;
  readonly pocket: Pocket;
  readonly deviceSeed: Uint8Array;
  /** In somebody's pocket in the store. */
  carried: boolean;
}

export interface Person {
  readonly name: string;
  readonly initials: string;
  /** Chosen by some, to tell themselves from others at a till. */
  readonly phrase: string | undefined;
  readonly face: Float32Array<ArrayBuffer>;
  readonly voice: Float32Array<ArrayBuffer>;
  /** An identity document on the phone, of somebody whose papers nobody has seen. */
  readonly document: IdentityDocument | undefined;
  readonly own: readonly Handset[];
  /** In the store. */
  here: boolean;
}

export interface TownSetting {
  readonly chance: Chance;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly keys: IssuerKeys;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly speak?: Speak;
  readonly witness: Witness;
  readonly scheduler: PocketSetting["scheduler"];
  readonly plan: () => Plan;
  readonly broken: (error: unknown) => void;
  /** The issuer's office has seen somebody's papers. */
  readonly showPapers: (account: string, papers: Papers) => Promise<unknown>;
}

/** Whose phones these are. */
interface Owner {
  readonly name: string;
  readonly initials: string;
  readonly phrase: string | undefined;
  readonly face: Float32Array<ArrayBuffer>;
  readonly voice: Float32Array<ArrayBuffer>;
  /** Was enrolled as well. */
  readonly speaks: boolean;
  readonly instrument: string;
  readonly papers: Papers | undefined;
  readonly document: IdentityDocument | undefined;
}

const usual = "test_ok";
const odd = [
  "test_declined",
  "test_insufficient_funds",
  "test_expired",
  "test_stolen",
  "test_capture_refused",
] as const;

/** Every how many people one has a second phone, and one an instrument that is refused. */
const second_phone_every = 6;
const odd_instrument_every = 10;
/** Every how many people one has not enrolled a voice. */
const silent_every = 8;
/** And one has shown no papers, but may prove an age from the phone. */
const unseen_every = 4;
/** And one has chosen a phrase. */
const phrase_every = 3;

const town_year = new Date(start_ms).getUTCFullYear();

/** Opens the accounts of a town: each phone its own, under the face of its owner. */
export async function settleTown(setting: TownSetting, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let number = 0; number < count; number++) {
    const name = `P${number.toString(36).padStart(3, "0")}`;
    const initials = name.slice(-2).toUpperCase();
    const chance = setting.chance.fork(name);
    const face = faceOf(chance);
    const voice = voiceOf(chance.fork("voice"));
    const speaks = number % silent_every !== 0;
    const manner = new Manner("town", name, town_year);
    const papers = number % unseen_every === 1 ? undefined : manner.papers;
    const document = papers ? undefined : documentOf(chance.fork("document"), start_ms);
    const phrase = number % phrase_every === 0 ? `${name} sees a blue heron` : undefined;
    const phones = number % second_phone_every === 0 ? 2 : 1;
    const own: Handset[] = [];
    for (let which = 0; which < phones; which++) {
      const instrument = number % odd_instrument_every === 3 ? chance.pick(odd) : usual;
      const owner = { name, initials, phrase, face, voice, speaks, instrument, papers, document };
      own.push(await openHandset(setting, owner));
    }
    people.push({ name, initials, phrase, face, voice, document, own, here: false });
  }
  return people;
}

async function openHandset(setting: TownSetting, owner: Owner): Promise<Handset> {
  const { keys, witness, plan, broken, scheduler, showPapers, ...world } = setting;
  const deviceSeed = world.random.bytes(32);
  const made = phone(world, {
    issuer: shop.issuer.url,
    deviceSeed,
    issuerKeys: keys,
    rules,
  });
  const { name, initials, phrase, instrument, face, voice, papers, document } = owner;
  const account = await made.openAccount({ first_name: name, initials, instrument });
  const { model, preset } = simulatedModel;
  await made.enrolFace({ model, preset, values: face.slice() }, "1");
  if (owner.speaks) await made.enrolVoice(enrolledVoice(voice), "1");
  if (phrase !== undefined) await made.setPhrase(phrase);
  if (papers) await showPapers(account, papers);
  witness.noticed({ fact: "settled", account, initials, phrase, face, papers, voice });
  const chance = setting.chance.fork(`pocket/${account}`);
  const pocket = new Pocket({
    phone: made,
    world,
    document,
    keys,
    scheduler,
    chance,
    plan,
    broken,
  });
  made.watch((event) => {
    if (event.type === "receipt") witness.receipt(account, event.receipt);
    if (event.type === "refused_late") witness.refusal(account, event.refusal);
    if (event.type === "age_asked") pocket.ageAsked(event.question);
    if (event.type === "approval_asked") pocket.asked(event.approval);
    if (event.type === "account_change") pocket.changed(event.change);
  });
  return { phone: made, pocket, deviceSeed, carried: false };
}
