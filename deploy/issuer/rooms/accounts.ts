/**
 * Accounts, each bound to the key of one device, with their consents and templates. No template is
 * taken before the consent that covers it; templates stay sealed as the phone sealed them.
 */
import type { z } from "zod";
import { fromBase64url } from "../../../runtime/vault/bytes.ts";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import {
  openTemplate,
  sealTemplate,
  type TemplateContext,
} from "../../../runtime/sync/contract/templates.ts";
import type { SealedTemplate } from "../../../runtime/sync/contract/schemas.ts";
import { issuerLimits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import { newId } from "./keys.ts";

export interface Account {
  readonly account: string;
  readonly device_public_key: string;
  readonly first_name: string;
  readonly initials: string;
  readonly instrument: string;
  readonly limit_minor: number;
}

interface KeptTemplate {
  readonly consent: string;
  readonly model: string;
  readonly preset: string;
  readonly dim: number;
  readonly enc: string;
  readonly ciphertext: string;
}

export class Accounts {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  find(account: string): Account | undefined {
    return this.#house.store.get<Account>("SELECT * FROM account WHERE account = ?", account);
  }

  /** Raw public key of the account's device. */
  deviceKey(account: string): Uint8Array | undefined {
    const found = this.find(account);
    return found && fromBase64url(found.device_public_key);
  }

  /** The account of this device key: the one there is, or a new one. */
  open(devicePublicKey: string, ask: z.output<typeof schemas.openAccount>): { account: string } {
    const { store, clock, random, settings } = this.#house;
    if (ask.device_public_key !== devicePublicKey) {
      throw new Refusal("key_unknown", "The request must be signed by the key that it brings");
    }
    const sql = "SELECT account FROM account WHERE device_public_key = ?";
    const known = store.get<{ account: string }>(sql, devicePublicKey);
    if (known) return { account: known.account };
    const account = newId(random, "account");
    store.run(
      "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?)",
      account,
      devicePublicKey,
      ask.first_name,
      ask.initials,
      ask.instrument,
      settings.account_limit_minor,
      clock.now_ms(),
    );
    return { account };
  }

  /** Records that this version of the notice was agreed to; the same again changes nothing. */
  giveConsent(account: string, ask: z.output<typeof schemas.giveConsent>): { consent: string } {
    const { store, clock, random } = this.#house;
    const now_ms = clock.now_ms();
    if (ask.given_at_ms > now_ms + issuerLimits.clock_tolerance_s * 1000) {
      throw new Refusal("request_invalid", "given_at_ms is in the future: set the phone's clock");
    }
    const sql = "SELECT consent FROM consent WHERE account = ? AND kind = ? AND version = ?";
    const known = store.get<{ consent: string }>(sql, account, ask.kind, ask.version);
    if (known) return { consent: known.consent };
    const consent = newId(random, "consent");
    store.run(
      "INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?)",
      consent,
      account,
      ask.kind,
      ask.version,
      ask.given_at_ms,
      now_ms,
    );
    return { consent };
  }

  /** Keeps a template, sealed as it came, after looking whether it can be opened at all. */
  putTemplate(account: string, ask: z.output<typeof schemas.putTemplate>) {
    const { store, clock, vault, sealing } = this.#house;
    const consent = store.get(
      "SELECT 1 FROM consent WHERE consent = ? AND account = ? AND kind = 'face'",
      ask.consent,
      account,
    );
    if (!consent) throw new Refusal("consent_unknown");
    const context = { to: "issuer", account, consent: ask.consent } as const;
    const opened = openTemplate(vault, sealing, context, ask);
    if (!opened) throw new Refusal("template_unreadable");
    opened.values.fill(0);
    const kept_at_ms = clock.now_ms();
    store.run(
      `INSERT INTO template VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, model) DO UPDATE
      SET consent = excluded.consent, preset = excluded.preset, dim = excluded.dim,
      enc = excluded.enc, ciphertext = excluded.ciphertext, kept_at_ms = excluded.kept_at_ms`,
      account,
      ask.model,
      ask.consent,
      ask.preset,
      ask.dim,
      ask.sealed.enc,
      ask.sealed.ciphertext,
      kept_at_ms,
    );
    return { model: ask.model, kept_at_ms };
  }

  /** True when the account has a template of this model. */
  hasTemplate(account: string, model: string): boolean {
    const sql = "SELECT 1 FROM template WHERE account = ? AND model = ?";
    return this.#house.store.get(sql, account, model) !== undefined;
  }

  /** The account's latest template, sealed anew to a gateway; null when there is none. The numbers
   * are in memory only between the two, and overwritten. */
  resealTemplate(
    account: string,
    gatewayPublicKey: Uint8Array,
    context: TemplateContext,
  ): SealedTemplate | null {
    const { store, vault, sealing, log } = this.#house;
    const kept = store.get<KeptTemplate>(
      "SELECT * FROM template WHERE account = ? ORDER BY kept_at_ms DESC, model LIMIT 1",
      account,
    );
    if (!kept) return null;
    const { model, preset, dim, enc, ciphertext, consent } = kept;
    const sealed = { model, preset, dim, sealed: { enc, ciphertext } };
    const template = openTemplate(vault, sealing, { to: "issuer", account, consent }, sealed);
    if (!template) {
      log("error", "a kept template cannot be opened any more", { account });
      return null;
    }
    const resealed = sealTemplate(vault, gatewayPublicKey, context, template);
    template.values.fill(0);
    return resealed;
  }
}
