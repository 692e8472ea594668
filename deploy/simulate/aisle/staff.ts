/** An associate of the simulated aisle, who decides carts that the gateway is not sure of and lines
 * that shoppers say are wrong, or leaves them. */
import type { Chance } from "../../../hardware/simulated/chance.ts";
import type { AislePort } from "../../../runtime/aisle/port.ts";
import { RuntimeError } from "../../../runtime/errors.ts";
import type { Scheduler } from "../../../runtime/sim/scheduler.ts";
import type { AislePerson } from "./people.ts";
import { store_manners } from "./plan.ts";

export interface StaffSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly people: readonly AislePerson[];
  /** Undefined while nobody answers. */
  readonly desk: () => AislePort | undefined;
  readonly broken: (error: unknown) => void;
}

const looks_every_ms = 45_000;
const operator = "associate-1";

interface Disputed {
  readonly dispute: string;
  readonly granted: boolean | null;
}

export class Staff {
  readonly #setting: StaffSetting;
  /** What nobody will decide. */
  readonly #left = new Map<string, boolean>();
  #on = false;

  constructor(setting: StaffSetting) {
    this.#setting = setting;
  }

  switchOn(): void {
    if (this.#on) return;
    this.#on = true;
    this.#again();
  }

  switchOff(): void {
    this.#on = false;
  }

  #again(): void {
    this.#setting.scheduler.after(looks_every_ms, () => {
      if (!this.#on) return;
      this.#look();
      this.#again();
    });
  }

  #look(): void {
    const desk = this.#setting.desk();
    for (const { address, state, context } of desk?.queue() ?? []) {
      const trip = address.slice("cart/".length);
      if (state === "in_review") this.#decide(desk!, trip, context);
      for (const { dispute, granted } of context["disputes"] as readonly Disputed[]) {
        if (granted !== null || this.#leaves(dispute, store_manners.leaves_dispute)) continue;
        const yes = this.#setting.chance.happens(store_manners.grants_dispute);
        this.#said(desk!.decideDispute(trip, dispute, yes, operator));
      }
    }
  }

  #decide(desk: AislePort, trip: string, context: Readonly<Record<string, unknown>>): void {
    if (this.#leaves(trip, store_manners.leaves_review)) return;
    const { people } = this.#setting;
    const seen = people.find(({ account }) => account === context["account"])?.carried;
    const lines = [...seen ?? []].filter(([, units]) => units > 0)
      .map(([gtin, units]) => ({ gtin, units }));
    this.#said(desk.decide(trip, lines, operator));
  }

  /** Decided once for each. */
  #leaves(what: string, share: number): boolean {
    const known = this.#left.get(what) ?? this.#setting.chance.happens(share);
    this.#left.set(what, known);
    return known;
  }

  /** A gateway that was killed, or is full, is asked again at the next look. */
  #said(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => {
      if (!(error instanceof RuntimeError)) this.#setting.broken(error);
    });
  }
}
