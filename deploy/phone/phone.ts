/**
 * The client library of shopper apps: an account whose key never leaves the device, a face
 * template that leaves it only sealed to the issuer, a presence that follows the beacon, and the
 * receipts. Web APIs, zod and noble only: it runs in browsers and wherever JavaScript does.
 *
 * ```ts ignore
 * const shopper = phone(world, { issuer: "https://issuer.example", deviceSeed });
 * await shopper.openAccount({ first_name: "Ana", initials: "AS", instrument });
 * await shopper.enrolFace(template, noticeVersion); // after the notice was shown and agreed to
 * shopper.watch((event) => show(event));
 * radio.listen((sighting) => shopper.hear(sighting));
 * ```
 */
// long because the port of the library and what fills it are read together.
import type { Sighting } from "../../hardware/ports.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type {
  AccountChange,
  Approval,
  Content,
  Receipt,
  Refused,
  SpendingLimits,
  Trip,
} from "../../runtime/sync/contract/schemas.ts";
import type { Answer } from "../../runtime/sync/contract/port.ts";
import type { Signer } from "../../runtime/sync/contract/signatures.ts";
import { makeEntryCode } from "../../runtime/sync/contract/tokens.ts";
import { type PlainTemplate, sealTemplate } from "../../runtime/sync/contract/templates.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { type AskedEvent, Questions, type Yes } from "./asked.ts";
import { AccountChanges, type ChangeNews } from "./changes.ts";
import { Asking, isUnreachable, keyBytes, type PhoneWorld } from "./asking.ts";
import { LetterRoad } from "./letters.ts";
import { entryOf } from "./entry.ts";
import { Presence, type PresenceEvent } from "./presence.ts";
import { type PhoneRules, phoneRules } from "./rules.ts";
import { type ContentEvent, ShownContents } from "./shown.ts";

export type { PhoneWorld } from "./asking.ts";
export { companion, companionKey, type CompanionSetting, type Yes } from "./asked.ts";
export { type PhoneRules, phoneRules } from "./rules.ts";

export type PhoneEvent =
  | PresenceEvent
  | AskedEvent
  | ChangeNews
  | ContentEvent
  | { readonly type: "receipt"; readonly receipt: Receipt }
  /** A store accepted a sale while the issuer was away, and nobody is charged for it. */
  | { readonly type: "refused_late"; readonly refusal: Refused };

export interface PhoneSetting {
  /** e.g. `https://issuer.example`. */
  readonly issuer: string;
  /** 32 bytes from which the device's key is made. Secret: in the device's secure storage. */
  readonly deviceSeed: Uint8Array;
  /** The issuer's keys, base64url, where the app brings them along; otherwise those that the
   * issuer tells on first contact are believed for as long as this phone lives. */
  readonly issuerKeys?: IssuerKeys;
  readonly rules?: Partial<PhoneRules>;
  /** `sequence` of the last receipt or refusal that the app has; earlier ones are not asked for. */
  readonly receipts_after?: number;
}

export interface IssuerKeys {
  readonly signing_public_key: string;
  readonly sealing_public_key: string;
}

export interface Phone {
  /** Undefined until the account is open. */
  readonly account: string | undefined;
  /** Undefined while not checked in. */
  readonly checkIn: string | undefined;
  /** Opens the account of this device's key, or finds the one it opened before. Keeps trying while
   * the issuer is away; rejects with `RuntimeError` when it refuses. */
  openAccount(person: {
    readonly first_name: string;
    readonly initials: string;
    /** A reference that the issuer's acquirer knows. */
    readonly instrument: string;
  }): Promise<string>;
  /** Records the shopper's consent to the given version of the notice: before a camera is asked
   * for. Resolves with the consent's id; the same version again is the same consent. */
  agreeToFace(notice_version: string): Promise<string>;
  /** Hands the template over, sealed, under the consent to that version, which is recorded unless
   * it was. Overwrites `template.values`. */
  enrolFace(template: PlainTemplate, notice_version: string): Promise<void>;
  /** Records the shopper's consent to be shown offers, under that version of the notice. */
  agreeToOffers(notice_version: string): Promise<void>;
  /** Takes that consent back: nothing personal is shown any more. */
  revokeOffers(): Promise<void>;
  /** Asks for what the store shows beside what is held; each is told to the listeners as well. */
  shown(): Promise<readonly Content[]>;
  /** Takes the consent back: templates are removed, and the store under way forgets. */
  revokeFace(): Promise<void>;
  /** Erases the account. The phone can do nothing more with it. */
  erase(): Promise<void>;
  /** To be called with each sighting of the radio, without a code where the system told of the
   * hardware alone. Checks in, renews and leaves by itself. */
  hear(sighting: Sighting): void;
  /** Says goodbye at once, as a button in the app does. */
  leave(): Promise<void>;
  /** Asks for receipts that are new; each is also told to the listeners, once. */
  receipts(): Promise<readonly Receipt[]>;
  /** Charges that wait for the shopper's yes; each is also told to the listeners, once. */
  approvals(): Promise<readonly Approval[]>;
  /** Says yes, to all or to less, or no. Resolves to what counts, 0 for no: another device may have
   * been first. Rejects with `IssuerRefusal` `approval_over` when it came too late. */
  answer(approval: string, yes: Yes | "no"): Promise<number>;
  /** What of the account was changed at lanes in the last weeks, or was to be; newest first. Each
   * is also told to the listeners, and again when it stands otherwise. */
  accountChanges(): Promise<readonly AccountChange[]>;
  /** Undoes such a change, before it takes effect or within some days after. Rejects with
   * `IssuerRefusal` `change_over` when it is too late. */
  undoChange(change: string): Promise<void>;
  /** What the issuer has of the person. */
  accountShown(): Promise<Answer<"readAccount">>;
  /** What is charged without asking; without an argument, as it is now. */
  limits(wanted?: SpendingLimits): Promise<SpendingLimits>;
  /** Chooses the phrase by which a till tells its owner from others. */
  setPhrase(phrase: string): Promise<void>;
  /** Lets another device answer for this account; resolves to its name for `companion`. */
  addDevice(device_public_key: string, name: string): Promise<string>;
  /** What is shown to a gate, as a QR code: signed for half a minute and one trip. Ask for another
   * one before it is over, and show that. `people` come in under this account. */
  entryCode(people?: number): string;
  /** Walk-out trips, newest first: what was taken, what it costs, what is owed. */
  trips(): Promise<readonly Trip[]>;
  /** Says that so many of a receipt's line were never taken. Rejects with `IssuerRefusal`
   * `dispute_over` when it came too late. */
  disputeLine(trip: string, line: number, units: number): Promise<string>;
  /** Has what is owed for a trip charged once more; resolves to the trip's state. */
  settleTrip(trip: string): Promise<Trip["state"]>;
  /** Calls with everything that happens; the result stops it. */
  watch(listener: (event: PhoneEvent) => void): () => void;
  /** Switches off: nothing is asked any more, and what is under way ends. */
  stop(): void;
}

const receipts_page = 100;

/** What there is once the account is open. */
interface Own {
  readonly account: string;
  readonly device: Signer;
  readonly asking: Asking;
  readonly presence: Presence;
  readonly questions: Questions;
  readonly changes: AccountChanges;
  readonly contents: ShownContents;
}

export function phone(world: PhoneWorld, setting: PhoneSetting): Phone {
  return new ShopperPhone(world, setting);
}

class ShopperPhone implements Phone {
  readonly #world: PhoneWorld;
  readonly #setting: PhoneSetting;
  readonly #rules: PhoneRules;
  readonly #listeners = new Set<(event: PhoneEvent) => void>();
  readonly #asking = new Set<Asking>();
  readonly #road: LetterRoad | undefined;
  #keys: IssuerKeys | undefined;
  #own: Own | undefined;
  #receipts_after: number;
  #reading: Promise<readonly Receipt[]> | undefined;
  #look_until_ms = 0;
  #looking = false;
  #cancelLook: () => void = () => {};
  #stopped = false;

  constructor(world: PhoneWorld, setting: PhoneSetting) {
    this.#road = world.letters && new LetterRoad({ ...world, letters: world.letters });
    this.#world = this.#road ? { ...world, fetch: this.#road.fetch } : world;
    this.#setting = setting;
    this.#rules = { ...phoneRules, ...setting.rules };
    this.#keys = setting.issuerKeys;
    this.#receipts_after = setting.receipts_after ?? 0;
  }

  get account(): string | undefined {
    return this.#own?.account;
  }

  get checkIn(): string | undefined {
    return this.#own?.presence.checkIn;
  }

  async openAccount(
    person: { readonly first_name: string; readonly initials: string; readonly instrument: string },
  ): Promise<string> {
    if (this.#own !== undefined) return this.#own.account;
    const { publicKey, privateKey } = this.#world.vault.signingKey(this.#setting.deviceSeed);
    const device_public_key = toBase64url(publicKey);
    const stranger = await this.#ask({ keyid: `device-key:${device_public_key}`, privateKey });
    const { account } = await stranger.ask("openAccount", {
      body: { ...person, device_public_key },
    });
    const device = { keyid: `device:${account}`, privateKey };
    const asking = await this.#ask(device);
    const presence = new Presence({
      world: this.#world,
      asking,
      account,
      device,
      rules: this.#rules,
      tell: (event) => this.#tell(event),
    });
    const questions = new Questions(asking, (event) => this.#tell(event));
    const changes = new AccountChanges(asking, (event) => this.#tell(event));
    const contents = new ShownContents(asking, (event) => this.#tell(event));
    this.#own = { account, device, asking, presence, questions, changes, contents };
    return account;
  }

  agreeToFace(notice_version: string): Promise<string> {
    return this.#agree("face", notice_version);
  }

  async agreeToOffers(notice_version: string): Promise<void> {
    await this.#agree("offers", notice_version);
  }

  async revokeOffers(): Promise<void> {
    await this.#opened().asking.ask("revokeOffers");
  }

  shown(): Promise<readonly Content[]> {
    return this.#opened().contents.read();
  }

  async enrolFace(template: PlainTemplate, notice_version: string): Promise<void> {
    const { account, asking } = this.#opened();
    const { sealing_public_key } = await this.#issuerKeys();
    const consent = await this.agreeToFace(notice_version);
    const context = { to: "issuer", account, consent } as const;
    const receiver = keyBytes(sealing_public_key);
    const sealed = sealTemplate(this.#world.vault, receiver, context, template);
    template.values.fill(0);
    await asking.ask("putTemplate", { body: { ...sealed, consent } });
  }

  async revokeFace(): Promise<void> {
    await this.#opened().asking.ask("revokeFace");
  }

  async erase(): Promise<void> {
    await this.#opened().asking.ask("eraseAccount");
  }

  hear(sighting: Sighting): void {
    if (this.#stopped) return;
    this.#road?.hear(sighting);
    this.#own?.presence.hear(sighting);
  }

  async leave(): Promise<void> {
    await this.#own?.presence.leave();
  }

  receipts(): Promise<readonly Receipt[]> {
    this.#reading ??= this.#readReceipts().finally(() => this.#reading = undefined);
    return this.#reading;
  }

  approvals(): Promise<readonly Approval[]> {
    return this.#opened().questions.open();
  }

  answer(approval: string, yes: Yes | "no"): Promise<number> {
    return this.#opened().questions.answer(approval, yes);
  }

  accountChanges(): Promise<readonly AccountChange[]> {
    return this.#opened().changes.read();
  }

  undoChange(change: string): Promise<void> {
    return this.#opened().changes.undo(change);
  }

  accountShown(): Promise<Answer<"readAccount">> {
    return this.#opened().asking.ask("readAccount");
  }

  limits(wanted?: SpendingLimits): Promise<SpendingLimits> {
    const { asking } = this.#opened();
    return wanted ? asking.ask("setLimits", { body: wanted }) : asking.ask("readLimits");
  }

  async setPhrase(phrase: string): Promise<void> {
    await this.#opened().asking.ask("setPhrase", { body: { phrase } });
  }

  async addDevice(device_public_key: string, name: string): Promise<string> {
    const body = { device_public_key, name };
    return (await this.#opened().asking.ask("addDevice", { body })).device;
  }

  entryCode(people = 1): string {
    const { account, device } = this.#opened();
    const { clock, random, vault } = this.#world;
    return makeEntryCode(vault, device, entryOf(account, clock.now_ms(), random, people));
  }

  async trips(): Promise<readonly Trip[]> {
    return (await this.#opened().asking.ask("trips")).trips;
  }

  async disputeLine(trip: string, line: number, units: number): Promise<string> {
    const ask = { path: { trip }, body: { line, units } };
    return (await this.#opened().asking.ask("disputeLine", ask)).dispute;
  }

  async settleTrip(trip: string): Promise<Trip["state"]> {
    return (await this.#opened().asking.ask("settleTrip", { body: { trip } })).state;
  }

  watch(listener: (event: PhoneEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelLook();
    this.#own?.presence.stop();
    for (const asking of this.#asking) asking.stop();
  }

  async #agree(kind: "face" | "offers", version: string): Promise<string> {
    const given_at_ms = this.#world.clock.now_ms();
    const body = { kind, version, given_at_ms };
    return (await this.#opened().asking.ask("giveConsent", { body })).consent;
  }

  /** A way to ask the issuer as this signer, with the issuer's keys known. */
  async #ask(signer: Signer): Promise<Asking> {
    const { signing_public_key } = await this.#issuerKeys();
    return this.#newAsking({
      origin: this.#setting.issuer,
      signer,
      issuerPublicKey: keyBytes(signing_public_key),
    });
  }

  #newAsking(options: ConstructorParameters<typeof Asking>[1]): Asking {
    const asking = new Asking(this.#world, options);
    this.#asking.add(asking);
    if (this.#stopped) asking.stop();
    return asking;
  }

  async #issuerKeys(): Promise<IssuerKeys> {
    this.#keys ??= await this.#newAsking({ origin: this.#setting.issuer }).ask("keys");
    return this.#keys;
  }

  #opened(): Own {
    if (this.#own !== undefined) return this.#own;
    throw new RuntimeError("usage", "this phone has no account yet: call openAccount first");
  }

  async #readReceipts(): Promise<readonly Receipt[]> {
    const { asking, presence, questions, changes, contents } = this.#opened();
    const all: Receipt[] = [];
    for (;;) {
      const query = { after: this.#receipts_after };
      const patience_ms = this.#rules.receipt_interval_ms;
      const found = await asking.ask("receipts", { query }, patience_ms);
      const { receipts, refusals, approvals_waiting, account_changes, content_latest } = found;
      await contents.heardOf(content_latest, patience_ms);
      await changes.heardOf(account_changes, patience_ms);
      if (approvals_waiting > 0) await questions.open(patience_ms);
      for (const receipt of receipts) {
        this.#receipts_after = Math.max(this.#receipts_after, receipt.sequence);
        all.push(receipt);
        if (receipt.refund === null) presence.noteSpent();
        this.#tell({ type: "receipt", receipt });
      }
      for (const refusal of refusals) {
        this.#receipts_after = Math.max(this.#receipts_after, refusal.sequence);
        presence.noteSpent();
        this.#tell({ type: "refused_late", refusal });
      }
      if (receipts.length < receipts_page && refusals.length < receipts_page) return all;
    }
  }

  #tell(event: PhoneEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
    if (event.type === "checked_in" || event.type === "renewed") {
      this.#lookUntil(event.lease_expires_ms + this.#rules.receipt_grace_ms);
    }
    if (event.type === "left" || event.type === "ended") {
      this.#look_until_ms = this.#world.clock.now_ms() + this.#rules.receipt_grace_ms;
    }
  }

  /** Looks for receipts while a visit may bring one, and for a while after. */
  #lookUntil(until_ms: number): void {
    this.#look_until_ms = until_ms;
    if (!this.#looking) this.#lookAgain();
  }

  #lookAgain(): void {
    const { clock } = this.#world;
    this.#looking = !this.#stopped && clock.now_ms() < this.#look_until_ms;
    if (!this.#looking) return;
    this.#cancelLook = clock.after(this.#rules.receipt_interval_ms, () => {
      this.receipts().then(() => this.#lookAgain(), (error) => this.#lookFailed(error));
    });
  }

  #lookFailed(error: unknown): void {
    if (isUnreachable(error)) return this.#lookAgain();
    this.#looking = false;
    if (error instanceof RuntimeError && error.kind === "stopped") return;
    this.#tell({ type: "refused", reason: error instanceof Error ? error.message : String(error) });
  }
}
