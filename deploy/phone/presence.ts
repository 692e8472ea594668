/**
 * A phone's presence in a shop: it checks in when the beacon is really heard, renews with every
 * fresh code, keeps one-time tokens at hand, and says goodbye. The issuer is the truth: what it
 * says has ended is forgotten here, and begun anew when the beacon is heard again. A goodbye of the
 * shopper's own holds for as long as the phone is still in the shop.
 */
import type { Sighting } from "../../hardware/ports.ts";
import { createBackoff } from "../../runtime/sync/backoff.ts";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import type { CheckedIn } from "../../runtime/sync/contract/schemas.ts";
import type { Signer } from "../../runtime/sync/contract/signatures.ts";
import { makeToken } from "../../runtime/sync/contract/tokens.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { type Asking, isUnreachable, type PhoneWorld } from "./asking.ts";
import { Ear, type PhoneRules } from "./rules.ts";

/** What a phone may show of its presence. */
export type PresenceEvent =
  | ({ readonly type: "checked_in" | "renewed" } & CheckedIn)
  | { readonly type: "left"; readonly check_in: string }
  /** The issuer ended the check-in; the phone checks in again when it hears the beacon. */
  | { readonly type: "ended"; readonly check_in: string }
  /** The issuer said no; the phone tries again later. */
  | { readonly type: "refused"; readonly reason: string }
  /** Nothing is lost: the phone goes on trying. */
  | { readonly type: "unreachable" };

interface Visit {
  readonly check_in: string;
  readonly store: string;
  readonly hardware_id: string;
  /** The last code that was reported. */
  code: string;
  /** When the lease began and when it ends, by the phone's own clock: the issuer's is another. */
  reported_at_ms: number;
  lease_until_ms: number;
  tokens: number;
}

export interface PresenceSetting {
  readonly world: PhoneWorld;
  readonly asking: Asking;
  readonly account: string;
  readonly device: Signer;
  readonly rules: PhoneRules;
  readonly tell: (event: PresenceEvent) => void;
}

/** How long one report is tried again before a newer sighting is worth more. */
const report_patience_ms = 4_000;
/** After a refusal that another sighting will not mend at once. */
const refused_pause_ms = 10_000;
const stale_pause_ms = 1_000;

export class Presence {
  readonly #setting: PresenceSetting;
  readonly #ear: Ear;
  readonly #backoff;
  #visit: Visit | undefined;
  #work: Promise<void> | undefined;
  #not_before_ms = 0;
  /** Beacons of the shop to which the shopper said goodbye, until the phone has left it. */
  #parted: ReadonlySet<string> | undefined;
  #cancelAway: () => void = () => {};

  constructor(setting: PresenceSetting) {
    this.#setting = setting;
    this.#ear = new Ear(setting.rules);
    this.#backoff = createBackoff(setting.world.random);
  }

  /** The check-in that this phone believes in. */
  get checkIn(): string | undefined {
    return this.#visit?.check_in;
  }

  /** To be called with everything the radio hears; decides by itself what is worth a request. */
  hear(sighting: Sighting): void {
    if (!this.#ear.takes(sighting)) return;
    if (this.#parted === undefined || this.#parted.has(sighting.hardware_id)) this.#expectMore();
    if (this.#parted !== undefined) return;
    const now_ms = this.#setting.world.clock.now_ms();
    if (this.#work !== undefined || now_ms < this.#not_before_ms) return;
    if (this.#visit !== undefined && this.#visit.lease_until_ms <= now_ms) this.#forget();
    const visit = this.#visit;
    if (visit === undefined) this.#do(() => this.#enter(sighting));
    else if (sighting.code === "") return;
    else if (this.#isWorthReporting(visit, sighting)) {
      this.#do(() => this.#renew(visit, sighting));
    } else if (visit.tokens < this.#setting.rules.tokens) {
      this.#do(() => this.#giveTokens(visit));
    }
  }

  /** A token was spent on a purchase: the next sighting brings a new one. Those that a decline
   * spent and those that grew old are told with the next renewal. */
  noteSpent(): void {
    if (this.#visit !== undefined) this.#visit.tokens = Math.max(0, this.#visit.tokens - 1);
  }

  /** Tells how many come in together; resolves to how long that counts. */
  async weAre(people: number): Promise<number> {
    const path = { check_in: this.#visit?.check_in ?? "none" };
    return (await this.#setting.asking.ask("sayPeople", { path, body: { people } })).until_ms;
  }

  /**
   * Says goodbye, as a button does; resolves when the issuer knows, or when the lease has run out
   * by itself. Nothing checks in again until the beacons of this stay were silent for as long as it
   * takes to be away, or until `comeBack`; a neighbour's beacon holds that up no longer.
   */
  async leave(): Promise<void> {
    this.#parted = this.#ear.beacons;
    this.#expectMore();
    await this.#end();
  }

  /** Takes a goodbye back: what is heard from now on counts again. */
  comeBack(): void {
    this.#parted = undefined;
  }

  /** Forgets everything without a word, as a phone whose battery is empty. */
  stop(): void {
    this.#cancelAway();
    this.#visit = undefined;
  }

  async #end(): Promise<void> {
    this.#ear.forget();
    await this.#work;
    const visit = this.#visit;
    if (visit === undefined) return;
    this.#visit = undefined;
    const { asking, tell, world } = this.#setting;
    const { check_in } = visit;
    const patience_ms = Math.max(0, visit.lease_until_ms - world.clock.now_ms());
    const goodbye = this.#try(async () => {
      await asking.ask("leave", { path: { check_in } }, patience_ms);
      tell({ type: "left", check_in });
    });
    await goodbye;
  }

  #isWorthReporting(visit: Visit, { hardware_id, code, heard_at_ms }: Sighting): boolean {
    const left_ms = visit.lease_until_ms - heard_at_ms;
    const lease_ms = visit.lease_until_ms - visit.reported_at_ms;
    if (hardware_id === visit.hardware_id && code !== visit.code) return true;
    return left_ms < lease_ms / 3;
  }

  async #enter({ hardware_id, code, heard_at_ms }: Sighting): Promise<void> {
    const { asking, tell, world } = this.#setting;
    const reported_at_ms = world.clock.now_ms();
    const heard = { hardware_id, heard_at_ms: Math.floor(heard_at_ms) };
    const body = code === "" ? heard : { ...heard, code };
    const answer = await asking.ask("checkIn", { body }, report_patience_ms);
    const { check_in, store, lease_ms, tokens_held: tokens } = answer;
    const lease_until_ms = reported_at_ms + lease_ms;
    const here = { check_in, store, hardware_id, code };
    const visit = { ...here, reported_at_ms, lease_until_ms, tokens };
    this.#visit = visit;
    tell({ type: "checked_in", ...answer });
    await this.#giveTokens(visit);
  }

  async #renew(visit: Visit, { hardware_id, code, heard_at_ms }: Sighting): Promise<void> {
    const { asking, tell, world } = this.#setting;
    const reported_at_ms = world.clock.now_ms();
    const path = { check_in: visit.check_in };
    const body = { hardware_id, code, heard_at_ms: Math.floor(heard_at_ms) };
    const answer = await asking.ask("renew", { path, body }, report_patience_ms);
    if (hardware_id === visit.hardware_id) visit.code = code;
    visit.reported_at_ms = reported_at_ms;
    visit.lease_until_ms = reported_at_ms + answer.lease_ms;
    visit.tokens = answer.tokens_held;
    tell({ type: "renewed", ...answer });
    await this.#giveTokens(visit);
  }

  async #giveTokens(visit: Visit): Promise<void> {
    const { world, account, device, rules, asking } = this.#setting;
    if (visit.tokens >= rules.tokens) return;
    const iat = Math.floor(world.clock.now_ms() / 1_000);
    const exp = iat + Math.floor(rules.token_life_ms / 1_000);
    const { check_in, store } = visit;
    const tokens = Array.from(
      { length: rules.tokens - visit.tokens },
      () =>
        makeToken(world.vault, device, {
          iss: account,
          aud: store,
          jti: toBase64url(world.random.bytes(16)),
          purpose: "purchase",
          check_in,
          iat,
          exp,
        }),
    );
    const path = { check_in };
    const { held } = await asking.ask("giveTokens", { path, body: { tokens } }, report_patience_ms);
    visit.tokens = held;
  }

  #do(work: () => Promise<void>): void {
    this.#work = this.#try(work).finally(() => this.#work = undefined);
  }

  /** Every failure ends here: as news for the app, and as a pause before the next try. */
  async #try(work: () => Promise<void>): Promise<void> {
    const { tell, world } = this.#setting;
    const now_ms = () => world.clock.now_ms();
    try {
      await work();
      this.#backoff.reset();
    } catch (error) {
      if (isUnreachable(error)) {
        this.#not_before_ms = now_ms() + this.#backoff.next_ms();
        tell({ type: "unreachable" });
      } else if (error instanceof IssuerRefusal) this.#refused(error, now_ms());
      else if (!(error instanceof Error && "kind" in error)) throw error;
      else if (error.kind !== "stopped") {
        this.#not_before_ms = now_ms() + refused_pause_ms;
        tell({ type: "refused", reason: error.message });
      }
    }
  }

  #refused({ problem, message }: IssuerRefusal, now_ms: number): void {
    const { tell } = this.#setting;
    if (problem === "check_in_ended" || problem === "check_in_unknown") return this.#forget();
    if (problem === "tokens_enough") {
      if (this.#visit !== undefined) this.#visit.tokens = this.#setting.rules.tokens;
      return;
    }
    if (problem === "stay_over") this.#forget();
    // The code changed while it was on its way: the next sighting has the new one.
    const stale = problem === "code_stale";
    this.#not_before_ms = now_ms + (stale ? stale_pause_ms : refused_pause_ms);
    if (!stale) tell({ type: "refused", reason: message });
  }

  #forget(): void {
    const visit = this.#visit;
    this.#visit = undefined;
    if (visit !== undefined) this.#setting.tell({ type: "ended", check_in: visit.check_in });
  }

  #expectMore(): void {
    const { world, rules } = this.#setting;
    this.#cancelAway();
    this.#cancelAway = world.clock.after(rules.away_after_ms, () => {
      this.#parted = undefined;
      void this.#end();
    });
  }
}
