/** Who shops in the aisle: each with a phone, an account, and a limit above which it is asked. One
 * works for the retailer, one is not admitted there. */
import type { Chance } from "../../../hardware/simulated/chance.ts";
import { type Phone, phone } from "../../phone/phone.ts";
import { faceOf, simulatedModel } from "../../../runtime/sim/faces.ts";
import { rules, type TownSetting } from "../person.ts";
import { shop } from "../setting.ts";
import { aisle_people } from "./plan.ts";
import type { TripWitness } from "./witness.ts";

export interface AislePerson {
  readonly name: string;
  readonly phone: Phone;
  readonly account: string;
  readonly chance: Chance;
  /** Enrolled; the others come in by code alone. */
  readonly face: Float32Array | undefined;
  /** On the way to the gate, in the aisle, or just out of it. */
  here: boolean;
  /** Looks at the phone until every trip has come to its end. */
  looking: boolean;
  /** Trips of which no more is to come, and those that were thought about. */
  readonly done: Set<string>;
  readonly considered: Set<string>;
  /** What was really carried out last. */
  carried: ReadonlyMap<string, number>;
}

export type PeopleSetting =
  & Omit<TownSetting, "witness" | "scheduler" | "plan" | "broken" | "showPapers">
  & { readonly witness: TripWitness };

const odd = ["test_declined", "test_insufficient_funds", "test_capture_refused"] as const;
/** Some are asked early. */
const low_limit_minor = 1_500;
const usual_limit_minor = 40_000;

export async function settleAisle(
  { witness, chance, keys, ...world }: PeopleSetting,
  heard: (account: string, phone: Phone) => void,
): Promise<AislePerson[]> {
  const people: AislePerson[] = [];
  for (let number = 0; number < aisle_people; number++) {
    const name = `W${number.toString(36).padStart(2, "0")}`;
    const own = chance.fork(name);
    const deviceSeed = world.random.bytes(32);
    const made = phone(world, { issuer: shop.issuer.url, deviceSeed, issuerKeys: keys, rules });
    const instrument = number % 6 === 3 ? own.pick(odd) : "test_ok";
    const initials = name.slice(-2).toUpperCase();
    const account = await made.openAccount({ first_name: name, initials, instrument });
    const sale_minor = number % 3 === 1 ? low_limit_minor : usual_limit_minor;
    await made.limits({ sale_minor, day_minor: 200_000, merchants: [] });
    witness.limited(account, sale_minor);
    const face = number % 2 === 0 ? faceOf(own) : undefined;
    const { model, preset } = simulatedModel;
    if (face) await made.enrolFace({ model, preset, values: face.slice() }, "1");
    heard(account, made);
    people.push({
      name,
      phone: made,
      account,
      chance: own,
      face,
      here: false,
      looking: false,
      done: new Set(),
      considered: new Set(),
      carried: new Map(),
    });
  }
  return people;
}
