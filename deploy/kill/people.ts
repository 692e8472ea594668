/**
 * Those who pay in the kill test: each with a phone that hears the beacon all the time, queueing
 * at one lane again and again.
 */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import { faceOf, simulatedModel } from "../../runtime/sim/faces.ts";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Customer } from "../demo/cashier.ts";
import { type Phone, phone } from "../phone/phone.ts";
import type { PhoneRules } from "../phone/rules.ts";

const instruments = ["test_ok", "test_ok", "test_ok", "test_declined", "test_ok", "test_ok"];
const unusual = { every: 11, instrument: "test_capture_refused" };
/** Between two at the pay position. */
const step_ms = 40;

export interface Person {
  readonly customer: Customer;
  readonly account: string;
  readonly face: readonly number[];
  readonly phone: Phone;
  readonly receipts: Receipt[];
}

/** Opens an account and enrols a face. */
export async function settle(
  seed: string,
  number: number,
  issuer: string,
  rules: Partial<PhoneRules> = {},
): Promise<Person> {
  const shopper = `P${String(number).padStart(2, "0")}`;
  const own = phone(
    { clock: realClock, random: realRandom, vault: nodeVault, fetch: (request) => fetch(request) },
    {
      issuer,
      deviceSeed: realRandom.bytes(32),
      rules: {
        sightings: 1,
        tokens: 4,
        away_after_ms: 600_000,
        receipt_interval_ms: 300,
        receipt_grace_ms: 600_000,
        ...rules,
      },
    },
  );
  const instrument = number % unusual.every === unusual.every - 1
    ? unusual.instrument
    : instruments[number % instruments.length] ?? "test_ok";
  const name = { first_name: shopper, initials: shopper };
  const account = await own.openAccount({ ...name, instrument });
  const values = faceOf(chanceOf(`${seed}/${shopper}`));
  const { model, preset } = simulatedModel;
  await own.enrolFace({ model, preset, values: values.slice() }, "1");
  const receipts: Receipt[] = [];
  own.watch((event) => {
    if (event.type === "receipt") receipts.push(event.receipt);
  });
  const customer = { shopper, ...name, account };
  return { customer, account, face: [...values], phone: own, receipts };
}

/** A lane's pay position, and those who step to it in turn. */
export class Queue {
  #front: number | undefined;
  #next = 0;
  #cancel = () => {};

  constructor(
    private readonly people: readonly Person[],
    /** Called with whoever stands there now. */
    private readonly moved: (person: Person | undefined) => void,
  ) {
    this.#step();
  }

  get front(): Person | undefined {
    return this.#front === undefined ? undefined : this.people[this.#front];
  }

  release(): void {
    this.#front = undefined;
    this.moved(undefined);
    this.#cancel = realClock.after(step_ms, () => this.#step());
  }

  stop(): void {
    this.#cancel();
  }

  #step(): void {
    this.#front = this.#next;
    this.#next = (this.#next + 1) % this.people.length;
    this.moved(this.front);
  }
}
