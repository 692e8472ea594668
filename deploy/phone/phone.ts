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
import type { Sighting } from "../../hardware/ports.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type {
  AccountChange,
  AgeQuestion,
  Approval,
  Content,
  Receipt,
  SpendingLimits,
  Trip,
} from "../../runtime/sync/contract/schemas.ts";
import type { Answer } from "../../runtime/sync/contract/port.ts";
import type { Signer } from "../../runtime/sync/contract/signatures.ts";
import { makeEntryCode } from "../../runtime/sync/contract/tokens.ts";
import { type PlainTemplate, sealTemplate } from "../../runtime/sync/contract/templates.ts";
import { sealVoice, type Voice } from "../../runtime/sync/contract/voices.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { AgeQuestions, type Wallet } from "./ages.ts";
import { Questions, type Yes } from "./asked.ts";
import { AccountChanges } from "./changes.ts";
import { Asking, keyBytes, type PhoneWorld } from "./asking.ts";
import { LetterRoad } from "./letters.ts";
import { entryOf } from "./entry.ts";
import type { IssuerKeys, Phone, PhoneEvent, PhoneSetting } from "./port.ts";
import { Presence } from "./presence.ts";
import { Receipts } from "./receipts.ts";
import { type PhoneRules, phoneRules } from "./rules.ts";
import { ShownContents } from "./shown.ts";

export type { PhoneWorld } from "./asking.ts";
export { companion, companionKey, type CompanionSetting, type Yes } from "./asked.ts";
export type { Wallet } from "./ages.ts";
export { type PhoneRules, phoneRules } from "./rules.ts";
export type { IssuerKeys, Phone, PhoneEvent, PhoneSetting } from "./port.ts";

/** What there is once the account is open. */
interface Own {
  readonly account: string;
  readonly device: Signer;
  readonly asking: Asking;
  readonly presence: Presence;
  readonly questions: Questions;
  readonly ages: AgeQuestions;
  readonly changes: AccountChanges;
  readonly contents: ShownContents;
  readonly receipts: Receipts;
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
  #stopped = false;

  constructor(world: PhoneWorld, setting: PhoneSetting) {
    this.#road = world.letters && new LetterRoad({ ...world, letters: world.letters });
    this.#world = this.#road ? { ...world, fetch: this.#road.fetch } : world;
    this.#setting = setting;
    this.#rules = { ...phoneRules, ...setting.rules };
    this.#keys = setting.issuerKeys;
  }

  get account(): string | undefined {
    return this.#own?.account;
  }

  get checkIn(): string | undefined {
    return this.#own?.presence.checkIn;
  }

  async openAccount(person: Parameters<Phone["openAccount"]>[0]): Promise<string> {
    if (this.#own !== undefined) return this.#own.account;
    const { publicKey, privateKey } = this.#world.vault.signingKey(this.#setting.deviceSeed);
    const device_public_key = toBase64url(publicKey);
    const stranger = await this.#ask({ keyid: `device-key:${device_public_key}`, privateKey });
    const body = { ...person, device_public_key };
    const { account } = await stranger.ask("openAccount", { body });
    const device = { keyid: `device:${account}`, privateKey };
    const asking = await this.#ask(device);
    const tell = (event: PhoneEvent) => this.#tell(event);
    const setting = { world: this.#world, clock: this.#world.clock, rules: this.#rules, tell };
    const presence = new Presence({ ...setting, asking, account, device });
    const questions = new Questions(asking, tell);
    const ages = new AgeQuestions(asking, tell);
    const [changes, contents] = [new AccountChanges(asking, tell), new ShownContents(asking, tell)];
    const parts = { asking, presence, questions, ages, changes, contents };
    const receipts = new Receipts({ ...setting, ...parts }, this.#setting.receipts_after ?? 0);
    this.#own = { ...parts, account, device, receipts };
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

  agreeToVoice(notice_version: string): Promise<string> {
    return this.#agree("voice", notice_version);
  }

  async enrolVoice(voice: Voice, notice_version: string): Promise<void> {
    const { account, asking } = this.#opened();
    const { sealing_public_key } = await this.#issuerKeys();
    const consent = await this.agreeToVoice(notice_version);
    const context = { to: "issuer", account, consent } as const;
    const sealed = sealVoice(this.#world.vault, keyBytes(sealing_public_key), context, voice);
    voice.values.fill(0);
    voice.spreads.fill(0);
    await asking.ask("putVoice", { body: { ...sealed, consent } });
  }

  async revokeVoice(): Promise<void> {
    await this.#opened().asking.ask("revokeVoice");
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

  comeBack(): void {
    this.#own?.presence.comeBack();
  }

  receipts(): Promise<readonly Receipt[]> {
    return this.#opened().receipts.read();
  }

  approvals(): Promise<readonly Approval[]> {
    return this.#opened().questions.open();
  }

  answer(approval: string, yes: Yes | "no"): Promise<number> {
    return this.#opened().questions.answer(approval, yes);
  }

  ageQuestions(): Promise<readonly AgeQuestion[]> {
    return this.#opened().ages.open();
  }

  proveAge(question: AgeQuestion, wallet: Wallet): Promise<void> {
    return this.#opened().ages.prove(question, wallet);
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

  weAre(people: number): Promise<number> {
    return this.#opened().presence.weAre(people);
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
    const { asking } = this.#opened();
    return (await asking.ask("disputeLine", { path: { trip }, body: { line, units } })).dispute;
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
    this.#own?.receipts.stop();
    this.#own?.presence.stop();
    for (const asking of this.#asking) asking.stop();
  }

  async #agree(kind: "face" | "offers" | "voice", version: string): Promise<string> {
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

  #tell(event: PhoneEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
    this.#own?.receipts.heard(event);
  }
}
