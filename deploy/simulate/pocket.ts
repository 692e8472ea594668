/**
 * What people do with the phone in their pocket when it asks something: say yes, to all or to less,
 * or no, or nothing, or too late; and a watch of theirs may say something else at the same time.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import type { AccountChange, AgeQuestion, Approval } from "../../runtime/sync/contract/schemas.ts";
import {
  companion,
  companionKey,
  type IssuerKeys,
  type Phone,
  type PhoneWorld,
  type Wallet,
  type Yes,
} from "../phone/phone.ts";
import { type IdentityDocument, walletOf } from "./documents.ts";
import type { Plan } from "./plan.ts";
import { shop } from "./setting.ts";

export interface PocketSetting {
  readonly phone: Phone;
  readonly world: PhoneWorld;
  /** An identity document, in the phone's wallet. */
  readonly document: IdentityDocument | undefined;
  readonly keys: IssuerKeys;
  readonly scheduler: Pick<Scheduler, "after">;
  readonly chance: Chance;
  readonly plan: () => Plan;
  readonly broken: (error: unknown) => void;
}

/** From the message that something is asked to the look at it, and from there to the answer. */
const buzz_ms = [200, 3_000] as const;
const thinks_ms = [500, 9_000] as const;
/** After the question's end, which is 45 s after it was put. */
const too_late_ms = [40_000, 70_000] as const;
/** After that of a question for an age. */
const age_too_late_ms = [280_000, 400_000] as const;
/** What modest people let pass unasked in one sale, and in a day. */
const modest_sale_minor = [200, 1_600] as const;
const modest_day_minor = [2_000, 9_000] as const;
const generous = { sale_minor: 40_000, day_minor: 200_000, merchants: [] };

type Answers = (approval: string, yes: Yes | "no") => Promise<number>;

export class Pocket {
  readonly #setting: PocketSetting;
  #watch: Answers | undefined;
  #modest = false;
  /** What the wallet showed last. */
  #shown: Awaited<ReturnType<Wallet>> | undefined;

  constructor(setting: PocketSetting) {
    this.#setting = setting;
  }

  /** Something is asked: the phone buzzes, and looks. */
  buzz(about: "approval" | "age"): void {
    const { phone } = this.#setting;
    this.#soon(buzz_ms, async () => {
      await (about === "age" ? phone.ageQuestions() : phone.approvals());
    });
  }

  /** Before going to the shop some decide how much may be charged unasked. */
  beforeShopping(): void {
    const { chance, plan, phone } = this.#setting;
    const modest = chance.happens(plan().modest_shoppers);
    if (!modest && !(this.#modest && chance.happens(0.3))) return;
    this.#modest = modest;
    const wanted = modest
      ? {
        sale_minor: Math.round(chance.between(...modest_sale_minor)),
        day_minor: Math.round(chance.between(...modest_day_minor)),
        merchants: [],
      }
      : generous;
    this.#act(async () => void await phone.limits(wanted));
  }

  asked({ approval, amount_minor }: Approval): void {
    const { chance, plan, phone } = this.#setting;
    const { says_nothing, says_late, two_devices } = plan();
    const own = this.#reply(amount_minor);
    if (!chance.happens(says_nothing)) {
      const late = chance.happens(says_late);
      this.#soon(
        late ? too_late_ms : thinks_ms,
        async () => void await phone.answer(approval, own),
      );
    }
    if (chance.happens(two_devices)) {
      const other = this.#reply(amount_minor);
      this.#soon(chance.happens(says_late) ? too_late_ms : thinks_ms, async () => {
        this.#watch ??= await this.#buyWatch();
        await this.#watch(approval, other);
      });
    }
  }

  /** Whoever carries a document shows it, or what was shown for a sale before, or nothing. */
  ageAsked(question: AgeQuestion): void {
    const { phone, document, chance, plan } = this.#setting;
    const { says_nothing, says_late, old_proofs } = plan();
    if (!document || chance.happens(says_nothing)) return;
    const old = chance.happens(old_proofs) ? this.#shown : undefined;
    const wallet = walletOf(document, () => chance.next().toString(36).slice(2));
    this.#soon(chance.happens(says_late) ? age_too_late_ms : thinks_ms, async () => {
      const shown = this.#shown = old ?? await wallet(question);
      await phone.proveAge(question, () => Promise.resolve(shown));
    });
  }

  /** Some of what was changed at a lane is taken back. */
  changed({ change, undo_until_ms }: AccountChange): void {
    const { chance, plan, phone } = this.#setting;
    if (undo_until_ms === null || !chance.happens(plan().undoes)) return;
    this.#soon(thinks_ms, () => phone.undoChange(change));
  }

  #reply(amount_minor: number): Yes | "no" {
    const { chance, plan } = this.#setting;
    const { says_no, says_less } = plan();
    if (chance.happens(says_no)) return "no";
    if (!chance.happens(says_less)) return "all";
    return Math.max(1, Math.floor(amount_minor * chance.between(0.2, 1)));
  }

  async #buyWatch(): Promise<Answers> {
    const { phone, world, keys } = this.#setting;
    const deviceSeed = world.random.bytes(32);
    const device = await phone.addDevice(companionKey(world, deviceSeed), "watch");
    const questions = companion(world, {
      issuer: shop.issuer.url,
      issuerSigningKey: keys.signing_public_key,
      deviceSeed,
      account: phone.account ?? "",
      device,
    });
    return (approval, yes) => questions.answer(approval, yes);
  }

  #soon(range: readonly [number, number], act: () => Promise<void>): void {
    const { scheduler, chance } = this.#setting;
    scheduler.after(chance.between(...range), () => this.#act(act));
  }

  /** Who comes too late is told so; a phone that is switched off does nothing. */
  #act(act: () => Promise<void>): void {
    act().catch((error: unknown) => {
      const expected = error instanceof IssuerRefusal || error instanceof RuntimeError;
      if (!expected) this.#setting.broken(error);
    });
  }
}
