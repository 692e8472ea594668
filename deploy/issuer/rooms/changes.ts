/**
 * Changes of account data that a shopper asks for at a lane. The face is compared here, against the
 * account's own template; what could do harm takes effect later, and the phone can undo it.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import type { AccountChange, ChangeEnded } from "../../../runtime/sync/contract/schemas.ts";
import { openTemplate } from "../../../runtime/sync/contract/templates.ts";
import { toBase64url, utf8 } from "../../../runtime/vault/bytes.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { ChangeRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { AccountValues } from "./account_values.ts";
import type { Accounts } from "./accounts.ts";
import type { CheckIns } from "./check_ins.ts";
import { forDue } from "./due.ts";
import { newId } from "./keys.ts";
import type { Merchants } from "./merchants.ts";

type AskBegin = z.output<typeof schemas.beginChange>;
type AskProve = z.output<typeof schemas.proveChange>;

const differs = "face_differs";

export class Changes {
  constructor(
    readonly house: House,
    readonly accounts: Accounts,
    readonly merchants: Merchants,
    readonly checkIns: CheckIns,
    readonly values: AccountValues,
  ) {}

  /** Keeps what is wanted and gives a nonce for its proof. */
  begin(gateway: string, ask: AskBegin): { nonce: string; expires_ms: number } {
    const { store, random, clock } = this.house;
    const at = this.merchants.storeOf(gateway);
    const known = store.tables.change.first("by_attempt", gateway, ask.change);
    const nonce = toBase64url(random.bytes(16));
    const expires_ms = clock.now_ms() + limits.change_life_ms;
    if (known) {
      if (known.state !== "open") throw new Refusal("change_over", "It has ended: begin another");
      store.tables.change.change(known, { nonce, expires_ms });
      return { nonce, expires_ms };
    }
    const check_in = this.checkIns.find(ask.check_in);
    if (!check_in || check_in.store !== at.store) throw new Refusal("check_in_unknown");
    if (!this.checkIns.isLive(check_in)) throw new Refusal("check_in_ended");
    const { account } = check_in;
    this.#refuse(account, ask.wanted.what);
    this.values.refuse(ask.wanted);
    store.tables.change.insert({
      change: newId(random, "change"),
      gateway,
      attempt: ask.change,
      store: at.store,
      account,
      lane: ask.lane,
      operator: ask.operator,
      what: ask.wanted.what,
      wanted: JSON.stringify(ask.wanted),
      former: null,
      nonce,
      state: "open",
      reason: null,
      begun_at_ms: clock.now_ms(),
      expires_ms,
      effective_at_ms: null,
    });
    return { nonce, expires_ms };
  }

  /** One face a change: it is applied, or waits to be, or is refused and counted. */
  prove(gateway: string, ask: AskProve): ChangeEnded {
    const { tables } = this.house.store;
    const found = tables.change.first("by_attempt", gateway, ask.change);
    if (!found) throw new Refusal("change_unknown");
    if (found.state !== "open") return this.#ended(found);
    const reason = this.#fault(found, ask);
    if (reason !== undefined) {
      const refused = { state: "refused", reason, nonce: null } as const;
      tables.change.change(found, refused);
      return this.#ended({ ...found, ...refused });
    }
    return this.#ended(this.#agree(found));
  }

  /** How it ended; one that is open, or that nobody announced, never will be. */
  end(gateway: string, attempt: string): ChangeEnded {
    const { tables } = this.house.store;
    const found = tables.change.first("by_attempt", gateway, attempt);
    if (!found) {
      return { outcome: "withdrawn", reason: null, tries_left: null, effective_at_ms: null };
    }
    if (found.state !== "open") return this.#ended(found);
    const withdrawn = { state: "withdrawn", nonce: null } as const;
    tables.change.change(found, withdrawn);
    return this.#ended({ ...found, ...withdrawn });
  }

  /** What its owner should know of, newest first. */
  of(account: string): { changes: AccountChange[] } {
    const { change } = this.house.store.tables;
    const since = { above: this.house.clock.now_ms() - limits.change_kept_ms };
    const rows = change.all("of_account", [account], since).reverse();
    return { changes: rows.flatMap((row) => this.#shown(row)).slice(0, limits.changes_page) };
  }

  /** Another number whenever `of` has something else to say; 0 while it has nothing. */
  mark(account: string): number {
    const { changes } = this.of(account);
    if (changes.length === 0) return 0;
    const said = changes.map(({ change, state }) => `${change} ${state}`).join("\n");
    const { buffer, byteOffset } = this.house.vault.sha256(utf8(said));
    return new DataView(buffer, byteOffset).getUint32(0) || 1;
  }

  /** Never takes effect, or is taken back. */
  undo(account: string, change: string): { change: string; state: "undone" } {
    const { tables } = this.house.store;
    const found = tables.change.get(change);
    if (found?.account !== account) throw new Refusal("change_unknown");
    if (found.state === "undone") return { change, state: "undone" };
    const until_ms = this.#undoUntil(found);
    if (until_ms === null || until_ms <= this.house.clock.now_ms()) {
      throw new Refusal("change_over");
    }
    if (found.state === "applied") {
      const wanted = JSON.parse(found.wanted);
      if (!this.values.isNow(account, wanted)) {
        throw new Refusal("change_over", "It was changed again since");
      }
      this.values.set(account, JSON.parse(found.former ?? "null"));
    }
    tables.change.change(found, { state: "undone" });
    return { change, state: "undone" };
  }

  /** Applies those whose time has come; forgets those that are too old to be undone. */
  sweep(): void {
    const { store, clock } = this.house;
    const due = { up_to: clock.now_ms(), limit: limits.sweep_rows };
    const { change } = store.tables;
    forDue(store, change.all("waiting", [], due), (row) => this.#applyDue(row));
    const old = { below: clock.now_ms() - limits.change_kept_ms, limit: limits.sweep_rows };
    forDue(store, change.all("by_age", [], old), (row) => change.remove(row));
  }

  #refuse(account: string, what: string): void {
    const { change, template } = this.house.store.tables;
    if (this.#triesLeft(account) === 0) throw new Refusal("changes_locked");
    if (template.count("of_account", account) === 0) throw new Refusal("template_missing");
    const waits = change.all("of_account", [account])
      .some((row) => row.state === "waiting" && row.what === what);
    if (waits) throw new Refusal("change_under_way");
  }

  /** Undefined when the face is the account's own, by the store's policy, and of now. */
  #fault(found: ChangeRow, ask: AskProve): string | undefined {
    const { clock, vault, sealing, settings } = this.house;
    const now_ms = clock.now_ms();
    if (found.expires_ms <= now_ms) return "proof_late";
    const { evidence, probe, lane, change } = ask;
    if (lane !== found.lane) return "lane_wrong";
    if (Math.abs(now_ms - evidence.seen_at_ms) > limits.clock_tolerance_s * 1000) {
      return "evidence_old";
    }
    const { accept_liveness } = this.merchants.storeOf(found.gateway);
    if (!accept_liveness.includes(evidence.liveness)) return "evidence_liveness";
    if (evidence.frames < limits.change_frames) return "evidence_thin";
    const { gateway, nonce } = found;
    const context = {
      to: "issuer",
      gateway,
      lane,
      change,
      nonce: nonce ?? "",
      ...evidence,
    } as const;
    const seen = openTemplate(vault, sealing, context, probe);
    if (!seen) return "probe_unreadable";
    const distance = this.accounts.distance(found.account, seen);
    seen.values.fill(0);
    if (distance === undefined) return "evidence_model";
    return distance <= settings.change_distance ? undefined : differs;
  }

  #agree(found: ChangeRow): ChangeRow {
    const { clock, settings } = this.house;
    const wanted = JSON.parse(found.wanted);
    const risky = this.values.isRisky(found.account, wanted);
    const effective_at_ms = clock.now_ms() + (risky ? settings.cooling_ms : 0);
    const waiting = { state: "waiting", nonce: null, effective_at_ms } as const;
    this.house.store.tables.change.change(found, waiting);
    const row = { ...found, ...waiting };
    return effective_at_ms > clock.now_ms() ? row : this.#apply(row);
  }

  /** What may not be any more, as by another limit of the issuer's, holds up nobody else's. */
  #applyDue(row: ChangeRow): void {
    try {
      this.#apply(row);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const reason = error.kind;
      this.house.log("warn", "a change could not take effect", { change: row.change, reason });
      this.house.store.tables.change.change(row, { state: "refused", reason });
    }
  }

  #apply(row: ChangeRow): ChangeRow {
    const former = JSON.stringify(this.values.set(row.account, JSON.parse(row.wanted)));
    const applied = { state: "applied", former } as const;
    this.house.store.tables.change.change(row, applied);
    return { ...row, ...applied };
  }

  #ended(row: ChangeRow): ChangeEnded {
    const { reason, effective_at_ms } = row;
    const none = { reason, tries_left: null, effective_at_ms: null };
    switch (row.state) {
      case "waiting":
      case "applied":
        return { ...none, outcome: "applied", effective_at_ms };
      case "refused":
        return { ...none, outcome: "refused", tries_left: this.#triesLeft(row.account) };
      case "open":
      case "withdrawn":
      case "undone":
        return { ...none, outcome: "withdrawn" };
    }
  }

  #triesLeft(account: string): number {
    const since = { above: this.house.clock.now_ms() - limits.change_lock_ms };
    const failed = this.house.store.tables.change.all("of_account", [account], since)
      .filter(({ state, reason }) => state === "refused" && reason === differs).length;
    return Math.max(0, limits.change_tries - failed);
  }

  #undoUntil({ state, effective_at_ms }: ChangeRow): number | null {
    if (effective_at_ms === null || state !== "waiting" && state !== "applied") return null;
    return effective_at_ms + limits.change_undo_ms;
  }

  #shown(row: ChangeRow): AccountChange[] {
    const { change, state, reason, store, effective_at_ms } = row;
    if (state === "open" || state === "withdrawn") return [];
    return [{
      change,
      wanted: JSON.parse(row.wanted),
      state,
      reason,
      merchant_name: this.merchants.findStore(store)?.merchant_name ?? store,
      store,
      at_ms: row.begun_at_ms,
      effective_at_ms,
      undo_until_ms: this.#undoUntil(row),
    }];
  }
}
