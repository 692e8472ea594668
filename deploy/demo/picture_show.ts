/**
 * A folder of real people in place of a shop: everybody is enrolled with their first pictures and
 * checked in by phone, then each of the other pictures stands at the till of an automatic lane and
 * somebody is charged, or nobody is. Counts who was.
 */
import type { RecordedCamera } from "../../hardware/recorded/camera.ts";
import type { RecordedPerson } from "../../hardware/recorded/folder.ts";
import type { PhoneRadioPort } from "../../hardware/ports.ts";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import { utf8 } from "../../runtime/vault/bytes.ts";
import { type Phone, phone, type PhoneWorld } from "../phone/phone.ts";
import type { CashierSale } from "./reconcile.ts";
import type { Enrol } from "./shoppers.ts";
import type { Till } from "./till.ts";
import type { SaleAnswer } from "./till_words.ts";

export interface PictureShowSetting {
  readonly people: readonly RecordedPerson[];
  readonly camera: RecordedCamera;
  readonly lane: string;
  readonly currency: string;
  readonly world: PhoneWorld;
  readonly radio: (person: string) => PhoneRadioPort;
  readonly issuer: string;
  readonly till: Till;
  readonly enrol: Enrol;
  /** Resolves when that many visits can be charged; false when they do not come. */
  readonly present: (visits: number) => Promise<boolean>;
  /** Resolves when the camera sees nobody. */
  readonly cleared: () => Promise<boolean>;
  readonly print: (line: string) => void;
  /** Begins every service id of this run; four characters. */
  readonly run: string;
  /** How long a picture is shown before the person pays in another way. */
  readonly patience_ms: number;
}

/** What became of the pictures. */
export interface ShowFigures {
  readonly people: number;
  readonly pictures: number;
  /** Charged to the person in the picture. */
  readonly recognised: number;
  /** Charged to nobody. */
  readonly unknown: number;
  /** Charged to somebody else. */
  readonly wrong: number;
}

export interface ShowBooks {
  readonly sales: readonly CashierSale[];
  readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
}

const notice_version = "pictures-1";
const price_minor = 250;

interface Shopper {
  readonly person: string;
  readonly phone: Phone;
  readonly account: string;
  readonly receipts: Receipt[];
}

export class PictureShow {
  readonly #setting: PictureShowSetting;
  readonly #shoppers: Shopper[] = [];
  readonly #sales: CashierSale[] = [];
  readonly #charged: { readonly person: string; readonly payment: string }[] = [];
  #pictures = 0;

  constructor(setting: PictureShowSetting) {
    this.#setting = setting;
  }

  /** Enrols everybody, waits until all are checked in, and shows every picture until the signal. */
  async play(until: AbortSignal): Promise<void> {
    const { people, print, present } = this.#setting;
    for (const person of people) {
      if (until.aborted) return;
      this.#shoppers.push(await this.#join(person));
    }
    print(`${people.length} people enrolled with ${people[0]?.enrol.length ?? 0} pictures each`);
    if (!await present(people.length)) {
      print(`not all of the ${people.length} checked in: their pictures will be unknown`);
    }
    // In turns, as people come: nobody pays twice before everybody has paid once.
    const rounds = Math.max(...people.map(({ probe }) => probe.length));
    for (let round = 0; round < rounds; round++) {
      for (const { person, probe } of people) {
        const path = probe[round];
        if (until.aborted) return;
        if (path !== undefined) await this.#show(person, path);
      }
    }
  }

  /** Everything that reconciliation asks of this side, after a last look for receipts. */
  async books(): Promise<ShowBooks> {
    for (const { phone } of this.#shoppers) await phone.receipts();
    const receipts = this.#shoppers.map(({ account, receipts }) => [account, receipts] as const);
    return { sales: this.#sales, receipts: new Map(receipts) };
  }

  /** By the account that the issuer charged for each payment. */
  figures(accountOf: (payment: string) => string | null): ShowFigures {
    const accounts = new Map(this.#shoppers.map((shopper) => [shopper.person, shopper.account]));
    const right =
      this.#charged.filter(({ person, payment }) => accountOf(payment) === accounts.get(person))
        .length;
    return {
      people: this.#shoppers.length,
      pictures: this.#pictures,
      recognised: right,
      unknown: this.#pictures - this.#charged.length,
      wrong: this.#charged.length - right,
    };
  }

  stop(): void {
    for (const { phone } of this.#shoppers) phone.stop();
  }

  async #join({ person, enrol }: RecordedPerson): Promise<Shopper> {
    const { world, issuer, radio } = this.#setting;
    const own = phone(world, {
      issuer,
      deviceSeed: world.vault.sha256(utf8(`saunter/pictures/${person}`)),
    });
    const account = await own.openAccount({
      first_name: person,
      initials: person.slice(0, 4),
      instrument: "test_ok",
    });
    const receipts: Receipt[] = [];
    own.watch((event) => event.type === "receipt" && receipts.push(event.receipt));
    await own.enrolFace(await this.#setting.enrol(enrol), notice_version);
    radio(person).listen((sighting) => own.hear(sighting));
    return { person, phone: own, account, receipts };
  }

  async #show(person: string, path: string): Promise<void> {
    const { camera, till, cleared, lane, currency, print } = this.#setting;
    await camera.show(undefined);
    await cleared();
    const number = ++this.#pictures;
    const service_id = `${this.#setting.run}${number}`;
    await camera.show(path);
    const opened = await till.open({
      poi_id: `till-${lane}`,
      sale_id: "pictures",
      service_id,
      amount_minor: price_minor,
      currency,
      items: [{ name: "Picture", quantity: 1, amount_minor: price_minor }],
    }, () => true);
    const ended = opened && await this.#outcome(opened);
    if (ended?.outcome === "captured") this.#charged.push({ person, payment: ended.payment });
    const told = ended?.outcome ?? null;
    const account = this.#shoppers.find((shopper) => shopper.person === person)?.account ?? null;
    this.#sales.push({
      payment: ended?.payment ?? null,
      lane,
      shopper: person,
      account,
      amount_minor: price_minor,
      currency,
      told,
    });
    print(`${String(number).padStart(4)}  ${person.padEnd(12)}  ${told ?? "no answer"}`);
  }

  /** Waits for a charge as long as the person would, then gives the sale up. */
  async #outcome(opened: SaleAnswer): Promise<SaleAnswer | undefined> {
    const { till, patience_ms } = this.#setting;
    if (opened.outcome !== null) return opened;
    const { payment } = opened;
    const looked = await till.look(payment, patience_ms);
    if (looked?.outcome) return looked;
    await till.cancel(payment);
    return await till.look(payment, 20_000);
  }
}
