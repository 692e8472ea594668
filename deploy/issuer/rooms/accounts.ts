/**
 * Accounts, each bound to the key of one device, with their consents and templates. No template is
 * taken before the consent that covers it; templates are kept locked under the account's own key.
 */
import type { z } from "zod";
import { fromBase64url } from "../../../runtime/vault/bytes.ts";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import {
  lockTemplate,
  openTemplate,
  type PlainTemplate,
  sealTemplate,
  type TemplateContext,
  unlockTemplate,
} from "../../../runtime/sync/contract/templates.ts";
import type { RotatedTemplate } from "../../../runtime/sync/contract/schemas.ts";
import type { Sealer } from "../../../runtime/vault/vault.ts";
import { issuerLimits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { AccountRow, TemplateRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import { newId } from "./keys.ts";
import { Openings } from "./openings.ts";
import type { Tallies } from "./tallies.ts";
import { ownKey, ownLock, ownLockOrNew } from "./own_keys.ts";

export type Account = AccountRow;

/** What a shopper may agree to. */
export type ConsentKind = z.output<typeof schemas.giveConsent>["kind"];

export class Accounts {
  readonly #house: House;

  readonly #openings: Openings;

  constructor(house: House, tallies: Tallies) {
    this.#house = house;
    this.#openings = new Openings(house, tallies);
  }

  find(account: string): Account | undefined {
    return this.#house.store.tables.account.get(account);
  }

  /** Raw public key of the account's device. */
  deviceKey(account: string): Uint8Array | undefined {
    const found = this.find(account);
    return found && fromBase64url(found.device_public_key);
  }

  /** Raw public key of a device that answers for an account: its own, or `ACCOUNT~DEVICE`. */
  answeringKey(name: string): Uint8Array | undefined {
    const [account = "", device] = name.split("~");
    if (device === undefined) return this.deviceKey(account);
    const found = this.#house.store.tables.device.get(account, device);
    return found && fromBase64url(found.public_key);
  }

  /** Lets another device answer for the account; the same key again is the same device. */
  addDevice(account: string, ask: z.output<typeof schemas.addDevice>): { device: string } {
    const { store, clock, random } = this.#house;
    const known = store.tables.device.all("of_account", [account]);
    const same = known.find(({ public_key }) => public_key === ask.device_public_key);
    if (same) return { device: same.device };
    if (known.length >= issuerLimits.devices) throw new Refusal("devices_enough");
    const device = newId(random, "device");
    store.tables.device.insert({
      account,
      device,
      public_key: ask.device_public_key,
      name: ask.name,
      added_at_ms: clock.now_ms(),
    });
    return { device };
  }

  /** The account of this device key: the one there is, or a new one, unless too many were opened
   * lately from where it comes. */
  open(
    devicePublicKey: string,
    ask: z.output<typeof schemas.openAccount>,
    from?: string,
  ): { account: string } {
    const { store, clock, random, settings } = this.#house;
    if (ask.device_public_key !== devicePublicKey) {
      throw new Refusal("key_unknown", "The request must be signed by the key that it brings");
    }
    const known = store.tables.account.first("of_device", devicePublicKey);
    if (known) return { account: known.account };
    if (from !== undefined) this.#openings.note(from);
    const account = newId(random, "account");
    store.tables.account.insert({
      account,
      device_public_key: devicePublicKey,
      first_name: ask.first_name,
      initials: ask.initials,
      instrument: ask.instrument,
      limit_minor: settings.account_limit_minor,
      opened_at_ms: clock.now_ms(),
    });
    return { account };
  }

  /** Records that this version of the notice was agreed to; the same again changes nothing. */
  giveConsent(account: string, ask: z.output<typeof schemas.giveConsent>): { consent: string } {
    const { store, clock, random } = this.#house;
    const now_ms = clock.now_ms();
    if (ask.given_at_ms > now_ms + issuerLimits.clock_tolerance_s * 1000) {
      throw new Refusal("request_invalid", "given_at_ms is in the future: set the phone's clock");
    }
    const known = store.tables.consent.first("of_account", account, ask.kind, ask.version);
    if (known?.revoked_at_ms === null) return { consent: known.consent };
    if (known) {
      const { given_at_ms } = ask;
      // What was said before it was taken back comes late.
      if (given_at_ms <= known.given_at_ms) throw new Refusal("consent_unknown");
      const again = { given_at_ms, recorded_at_ms: now_ms, revoked_at_ms: null };
      store.tables.consent.change(known, again);
      return { consent: known.consent };
    }
    const consent = newId(random, "consent");
    const { kind, version, given_at_ms } = ask;
    store.tables.consent.insert({
      consent,
      account,
      kind,
      version,
      given_at_ms,
      recorded_at_ms: now_ms,
      revoked_at_ms: null,
    });
    return { consent };
  }

  /** True while some version of this notice is agreed to. */
  hasAgreed(account: string, kind: ConsentKind): boolean {
    return this.#house.store.tables.consent.all("all_of", [account])
      .some((consent) => consent.kind === kind && consent.revoked_at_ms === null);
  }

  /** Takes back all that was agreed to of this kind. */
  revokeConsents(account: string, kind: ConsentKind): void {
    const { store, clock } = this.#house;
    for (const row of store.tables.consent.all("all_of", [account])) {
      if (row.kind !== kind || row.revoked_at_ms !== null) continue;
      store.tables.consent.change(row, { revoked_at_ms: clock.now_ms() });
    }
  }

  /** Keeps a template, locked under the account's own key, which is made with the first. */
  putTemplate(account: string, ask: z.output<typeof schemas.putTemplate>) {
    const { store, clock, vault, sealing } = this.#house;
    const consent = store.tables.consent.get(ask.consent);
    if (
      consent?.account !== account || consent.kind !== "face" ||
      consent.revoked_at_ms !== null
    ) {
      throw new Refusal("consent_unknown");
    }
    const context = { to: "issuer", account, consent: ask.consent } as const;
    const opened = openTemplate(vault, sealing, context, ask);
    if (!opened) throw new Refusal("template_unreadable");
    const lock = ownLockOrNew(this.#house, account, "face");
    const { model, preset, dim, locked } = lockTemplate(vault, lock, context, opened);
    for (const secret of [lock, opened.values]) secret.fill(0);
    const kept_at_ms = clock.now_ms();
    store.tables.template.put({
      account,
      model,
      consent: ask.consent,
      preset,
      dim,
      ...{ enc: "", ciphertext: locked },
      kept_at_ms,
    });
    return { model, kept_at_ms };
  }

  /** True when the account has a template of this model. */
  hasTemplate(account: string, model: string): boolean {
    return this.#house.store.tables.template.get(account, model) !== undefined;
  }

  /** How far a face is from the account's own template of the same model: 1 less their cosine, 0
   * for the same. Undefined when there is no such template. */
  distance(account: string, seen: PlainTemplate): number | undefined {
    const own = this.#openKept(this.#house.store.tables.template.get(account, seen.model));
    const comparable = own?.preset === seen.preset && own.values.length === seen.values.length;
    const cosine = own?.values.reduce((sum, value, at) => sum + value * (seen.values[at] ?? 0), 0);
    own?.values.fill(0);
    return comparable && cosine !== undefined ? 1 - cosine : undefined;
  }

  /** The account's latest template, turned, and sealed anew to a gateway; null when there is none.
   * The numbers are in memory only between the two, and overwritten. */
  resealTemplate(
    account: string,
    sealer: Sealer,
    context: Omit<Extract<TemplateContext, { to: "gateway" }>, "rotation" | "to">,
    turned: { readonly name: string; turn(values: Float32Array): Float32Array<ArrayBuffer> },
  ): RotatedTemplate | null {
    const { store, vault } = this.#house;
    const template = this.#openKept(store.tables.template.last("of_account", account));
    if (!template) return null;
    const { name: rotation } = turned;
    const values = turned.turn(template.values);
    template.values.fill(0);
    const bound = { to: "gateway", ...context, rotation } as const;
    const resealed = sealTemplate(vault, sealer, bound, { ...template, values });
    values.fill(0);
    return { ...resealed, rotation };
  }

  #openKept(kept: TemplateRow | undefined): PlainTemplate | undefined {
    if (!kept) return undefined;
    const { vault, log } = this.#house;
    const { account, model, preset, dim, enc, ciphertext, consent } = kept;
    const shape = { model, preset, dim };
    const context = { to: "issuer", account, consent } as const;
    let template: PlainTemplate | undefined;
    if (enc === "") {
      const lock = ownLock(this.#house, account, "face");
      template = lock && unlockTemplate(vault, lock, context, { ...shape, locked: ciphertext });
      lock?.fill(0);
    } else {
      // Kept by a release of before, which sealed it to the account's own key.
      const key = ownKey(this.#house, account, "face");
      const sealed = { ...shape, sealed: { enc, ciphertext } };
      template = key && openTemplate(vault, key, context, sealed);
    }
    if (!template) log("error", "a kept template cannot be opened any more", { account });
    return template;
  }
}
