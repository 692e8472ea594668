/**
 * The auditor's book of turned heads: who stood before which camera, what they were asked to show
 * and showed, and that nobody pays, or changes account data, without it where the store wants it.
 */
import type { Batch, HistoryRow } from "../../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../../runtime/sim/disk.ts";
import type { Fact } from "../facts.ts";
import type { TurnRule } from "../turn_rule.ts";
import type { Report } from "./finding.ts";

/** Somebody stands before a camera, or nobody does. */
interface Stand {
  readonly since_ms: number;
  readonly face: Float32Array | undefined;
  readonly film: boolean;
  /** To how many sides the head was turned as asked, and when that was done. */
  readonly met: { readonly at_ms: number; readonly turns: number }[];
}

/** What a charge stands on, as far as a head may have to be turned for it. */
export interface TurnWanted {
  readonly payment: string;
  readonly camera: string;
  readonly amount_minor: number;
  /** As it says in the evidence. */
  readonly turns: number;
  /** When the camera gave the evidence. */
  readonly seen_ms: number;
}

const most_failed = 3;
const stands_kept = 400;

export class TurnBook {
  /** By camera, the latest last. */
  readonly #stands = new Map<string, Stand[]>();
  readonly #failed = new Map<string, number>();
  #met = 0;
  #refused = 0;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    private readonly rule: () => TurnRule,
  ) {}

  /** Turns that were shown as asked, and those that were not. */
  get count(): { readonly met: number; readonly failed: number } {
    return { met: this.#met, failed: this.#refused };
  }

  stands({ camera, face, film }: Extract<Fact, { fact: "stands" }>): void {
    const known = this.#stands.get(camera) ?? [];
    known.push({ since_ms: this.now_ms(), face, film, met: [] });
    this.#stands.set(camera, known.slice(-stands_kept));
  }

  turned({ camera, met, turns }: Extract<Fact, { fact: "turned" }>): void {
    if (!met) return void this.#refused++;
    this.#met++;
    this.#stands.get(camera)?.at(-1)?.met.push({ at_ms: this.now_ms(), turns });
  }

  committed({ history }: Batch): void {
    for (const row of history) {
      if (row.address.startsWith("payment/") && row.before === "awaiting_turn") this.#judged(row);
    }
  }

  #judged({ address, event, before, after }: HistoryRow): void {
    const refused = event.type === "turn.judged" && event["outcome"] === "failed";
    const silent = event.type.includes("turnTimeout");
    if (after === before || !refused && !silent) return;
    const payment = address.slice("payment/".length);
    const failed = (this.#failed.get(payment) ?? 0) + 1;
    this.#failed.set(payment, failed);
    const ends = after !== "turning_again";
    if (failed > most_failed || failed === most_failed && !ends) {
      this.report("three failed turns end the sale", `${failed} failed, then ${after}`, payment);
    }
  }

  /** The acquirer is to hold money. */
  charged({ payment, camera, amount_minor, turns, seen_ms }: TurnWanted): void {
    const wrong = (detail: string) =>
      this.report("no charge without the turn that was asked for", detail, payment);
    const rule = this.rule();
    const wanted = rule.turns === "always" || amount_minor > (rule.turns_above_minor ?? Infinity);
    if (wanted && turns < rule.turns_asked) wrong(`${turns} sides of ${rule.turns_asked} shown`);
    const stand = this.#at(camera, seen_ms);
    const shown = Math.max(0, ...this.#metBy(stand, seen_ms));
    if (turns > shown) wrong(`nobody who stood there turned to ${turns} sides`);
    if (stand?.film === true && shown === 0) wrong("it was a film");
    if ((this.#failed.get(payment) ?? 0) >= most_failed) wrong("three turns had failed");
  }

  /** A face changes account data, of which the issuer was asked then. */
  proved(camera: string, face: Float32Array, begun_at_ms: number, attempt: string): void {
    const { turns, turns_asked } = this.rule();
    const seen = (this.#stands.get(camera) ?? []).filter((one) => one.face === face);
    const shown = seen.some(({ met }) =>
      met.some((one) => one.at_ms >= begun_at_ms && one.turns >= turns_asked)
    );
    const film = seen.at(-1)?.film === true;
    if (shown || turns !== "always" && !film) return;
    const detail = film ? "it was a film" : "nobody turned";
    this.report("account data changes with the turn that was asked for", detail, attempt);
  }

  #at(camera: string, at_ms: number): Stand | undefined {
    return this.#stands.get(camera)?.findLast(({ since_ms }) => since_ms <= at_ms);
  }

  #metBy(stand: Stand | undefined, until_ms: number): number[] {
    return (stand?.met ?? []).filter(({ at_ms }) => at_ms <= until_ms).map(({ turns }) => turns);
  }

  restored(disk: SimulatedDisk): void {
    for (const payment of this.#failed.keys()) {
      const context = disk.actor(`payment/${payment}`)?.context as
        | { readonly failed_turns?: number }
        | undefined;
      this.#failed.set(payment, context?.failed_turns ?? 0);
    }
  }

  forget(): void {
    this.#failed.clear();
  }
}
