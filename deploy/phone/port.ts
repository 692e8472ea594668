/**
 * What the client library of shopper apps promises: all that a phone can be asked to do, and all
 * that it tells its app of.
 */
import type { Sighting } from "../../hardware/ports.ts";
import type { Answer } from "../../runtime/sync/contract/port.ts";
import type {
  AccountChange,
  AgeQuestion,
  Approval,
  Content,
  Receipt,
  Refused,
  SpendingLimits,
  Trip,
} from "../../runtime/sync/contract/schemas.ts";
import type { PlainTemplate } from "../../runtime/sync/contract/templates.ts";
import type { Voice } from "../../runtime/sync/contract/voices.ts";
import type { AgeEvent, Wallet } from "./ages.ts";
import type { AskedEvent, Yes } from "./asked.ts";
import type { ChangeNews } from "./changes.ts";
import type { PresenceEvent } from "./presence.ts";
import type { PhoneRules } from "./rules.ts";
import type { ContentEvent } from "./shown.ts";

export type PhoneEvent =
  | PresenceEvent
  | AskedEvent
  | AgeEvent
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
  /** The same as `agreeToFace`, for the voice: before a microphone is asked for. */
  agreeToVoice(notice_version: string): Promise<string>;
  /** Hands a voice over, sealed, under that consent. Overwrites its numbers. */
  enrolVoice(voice: Voice, notice_version: string): Promise<void>;
  /** Takes the consent to voices back: the voice is removed. */
  revokeVoice(): Promise<void>;
  /** Erases the account. The phone can do nothing more with it. Rejects with `IssuerRefusal`
   * `trip_under_way` while a walk-out trip may still be charged. */
  erase(): Promise<void>;
  /** To be called with each sighting of the radio, without a code where the system told of the
   * hardware alone. Checks in, renews and leaves by itself. */
  hear(sighting: Sighting): void;
  /** Says goodbye at once, as a button in the app does. It holds for as long as the phone is still
   * in the shop: nothing checks in again before its beacons were silent for a while. */
  leave(): Promise<void>;
  /** Takes that goodbye back: the phone checks in again with what it hears next. */
  comeBack(): void;
  /** Asks for receipts that are new; each is also told to the listeners, once. */
  receipts(): Promise<readonly Receipt[]>;
  /** Charges that wait for the shopper's yes; each is also told to the listeners, once. */
  approvals(): Promise<readonly Approval[]>;
  /** Says yes, to all or to less, or no. Resolves to what counts, 0 for no: another device may have
   * been first. Rejects with `IssuerRefusal` `approval_over` when it came too late. */
  answer(approval: string, yes: Yes | "no"): Promise<number>;
  /** Ages that a sale under way needs and the issuer does not know; each is also told to the
   * listeners, once. */
  ageQuestions(): Promise<readonly AgeQuestion[]>;
  /** Has the wallet prove such an age, for that sale alone. Rejects with `IssuerRefusal` and what
   * is wrong with the proof, such as `age_proof_expired`. */
  proveAge(question: AgeQuestion, wallet: Wallet): Promise<void>;
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
  /** Says how many come in together, counted with the owner: a gate that knows the face lets so
   * many in under this account, until the time that it resolves to. Say it again when that is over.
   * Rejects with `IssuerRefusal` `check_in_unknown` while not checked in. */
  weAre(people: number): Promise<number>;
  /** What is shown to a gate, as a QR code: signed for half a minute and one trip. Ask for another
   * one before it is over, and show that. `people` come in under this account. */
  entryCode(people?: number): string;
  /** Walk-out trips, newest first: what was taken, what it costs, what is owed. */
  trips(): Promise<readonly Trip[]>;
  /** Says that so many of a receipt's line were never taken. Rejects with `IssuerRefusal`
   * `dispute_over` when it came too late, `dispute_differs` when the line is disputed already. */
  disputeLine(trip: string, line: number, units: number): Promise<string>;
  /** Has what is owed for a trip charged once more; resolves to the trip's state. Rejects with
   * `IssuerRefusal` `trip_tried_enough` where that was done too often, `trip_over_limit` where no
   * sale may be so high: it is paid at the shop. */
  settleTrip(trip: string): Promise<Trip["state"]>;
  /** Calls with everything that happens; the result stops it. */
  watch(listener: (event: PhoneEvent) => void): () => void;
  /** Switches off: nothing is asked any more, and what is under way ends. */
  stop(): void;
}
