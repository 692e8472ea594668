/**
 * Somebody who shops here: a face, and the phones that belong to it. Whose phone is in the pocket
 * on a given day is another matter.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import { faceOf, simulatedModel } from "../../runtime/sim/recogniser.ts";
import type { Clock, Random, Vault } from "../../runtime/world.ts";
import type { Speak } from "../../runtime/sync/contract/port.ts";
import { type IssuerKeys, type Phone, phone } from "../phone/phone.ts";
import type { PhoneRules } from "../phone/rules.ts";
import { shop } from "./setting.ts";
import type { Witness } from "./witness.ts";

/** A phone hears little and asks little: what it does not do costs no time. */
const rules: Partial<PhoneRules> = {
  sightings: 1,
  away_after_ms: 45_000,
  receipt_interval_ms: 240_000,
  receipt_grace_ms: 60_000,
};

export interface Handset {
  readonly phone: Phone;
  readonly deviceSeed: Uint8Array;
  /** In somebody's pocket in the store. */
  carried: boolean;
}

export interface Person {
  readonly name: string;
  readonly face: Float32Array<ArrayBuffer>;
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

/** Opens the accounts of a town: each phone its own, under the face of its owner. */
export async function settleTown(setting: TownSetting, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let number = 0; number < count; number++) {
    const name = `P${number.toString(36).padStart(3, "0")}`;
    const chance = setting.chance.fork(name);
    const face = faceOf(chance);
    const phones = number % second_phone_every === 0 ? 2 : 1;
    const own: Handset[] = [];
    for (let which = 0; which < phones; which++) {
      const instrument = number % odd_instrument_every === 3 ? chance.pick(odd) : usual;
      own.push(await openHandset(setting, { name, face, instrument }));
    }
    people.push({ name, face, own, here: false });
  }
  return people;
}

async function openHandset(
  { keys, witness, ...world }: TownSetting,
  owner: { name: string; face: Float32Array<ArrayBuffer>; instrument: string },
): Promise<Handset> {
  const deviceSeed = world.random.bytes(32);
  const made = phone(world, {
    issuer: shop.issuer.url,
    deviceSeed,
    issuerKeys: keys,
    rules,
  });
  const { name, instrument } = owner;
  await made.openAccount({ first_name: name, initials: name.slice(-2).toUpperCase(), instrument });
  const { model, preset } = simulatedModel;
  await made.enrolFace({ model, preset, values: owner.face.slice() }, "1");
  made.watch((event) => {
    if (event.type === "receipt" && made.account !== undefined) {
      witness.receipt(made.account, event.receipt);
    }
    if (event.type === "refused_late" && made.account !== undefined) {
      witness.refusal(made.account, event.refusal);
    }
  });
  return { phone: made, deviceSeed, carried: false };
}
