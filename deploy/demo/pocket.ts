/**
 * What a played shopper does with the phone in their pocket when it asks or tells something: says
 * yes, to all or to less, or no, or nothing; and takes back what they did not want changed.
 */
import { RuntimeError } from "../../runtime/errors.ts";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import type { AccountChange, Approval } from "../../runtime/sync/contract/schemas.ts";
import type { Clock } from "../../runtime/world.ts";
import type { Phone } from "../phone/phone.ts";
import type { Manner, Reply } from "./manners.ts";
import { money, type Narrator } from "./narrator.ts";

/** How long somebody takes to look at it. */
const looks_ms = 1_200;
/** The part that somebody agrees to who does not want all of it. */
const lowered = 0.6;

export interface PocketSetting {
  readonly shopper: string;
  readonly phone: Phone;
  readonly manner: Manner;
  readonly clock: Clock;
  readonly narrator: Narrator;
}

export class Pocket {
  /** Questions answered, by how. */
  readonly replies: Reply[] = [];
  readonly #setting: PocketSetting;
  readonly #cancels = new Set<() => void>();

  constructor(setting: PocketSetting) {
    this.#setting = setting;
  }

  asked({ approval, amount_minor, currency }: Approval): void {
    const { shopper, phone, manner, narrator } = this.#setting;
    const reply = manner.reply();
    this.replies.push(reply);
    narrator.say("is asked", shopper, money(amount_minor, currency));
    if (reply === "silence") return;
    const part_minor = Math.max(1, Math.floor(amount_minor * lowered));
    this.#soon(async () => {
      const yes = reply === "less" ? part_minor : reply === "yes" ? "all" : "no";
      const counts = await phone.answer(approval, yes);
      const words = { yes: "says yes", less: "says less", no: "says no" };
      narrator.say(words[reply], shopper, money(counts, currency));
    });
  }

  changed({ change, wanted, state, reason, undo_until_ms }: AccountChange): void {
    const { shopper, phone, manner, narrator } = this.#setting;
    narrator.say("is told", shopper, `${wanted.what}: ${state}${reason ? ` (${reason})` : ""}`);
    if (state === "refused" || state === "undone" || undo_until_ms === null) return;
    if (manner.undoes()) this.#soon(() => phone.undoChange(change));
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
  }

  /** Somebody who comes too late is told so; trouble of the network is theirs as well. */
  #soon(act: () => Promise<void>): void {
    const { clock, narrator, shopper } = this.#setting;
    const cancel = clock.after(looks_ms, () => {
      this.#cancels.delete(cancel);
      act().catch((error: unknown) => {
        const late = error instanceof IssuerRefusal;
        if (error instanceof RuntimeError && error.kind === "stopped") return;
        if (!late && !(error instanceof RuntimeError)) throw error;
        narrator.say("is too late", shopper, late ? error.problem : "no network");
      });
    });
    this.#cancels.add(cancel);
  }
}
