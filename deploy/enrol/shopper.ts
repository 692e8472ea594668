/**
 * The shopper's side of the page: an account on a key that this browser makes and keeps, consent
 * before anything is seen or heard, and template and voice on their way to the issuer. No DOM in
 * here.
 */
import { createNobleVault } from "../../runtime/vault/noble.ts";
import { realClock as clock, realRandom as random } from "../../runtime/real.ts";
import type { VoiceTemplate } from "../../runtime/perception/voice/template.ts";
import { type Phone, phone } from "../phone/phone.ts";
import { faceNotice, voiceNotice } from "./notice.ts";
import { type Pocket, pocketOf } from "./pocket.ts";

export { adviceFor, views, wordsFor } from "./guide.ts";
export { faceNotice, offersNotice, voiceNotice } from "./notice.ts";
export { entry_code_every_ms } from "./pocket.ts";
export { adviceOn, rounds } from "./rounds.ts";

/** A model as the page was given it. */
export interface ModelInUse {
  readonly sha256: string;
  readonly preset: string;
}

export interface Person {
  readonly first_name: string;
  readonly initials: string;
  readonly instrument: string;
}

export interface Shopper {
  /** Opens the account and records the consent. Resolves when a camera may be asked for. */
  agree(person: Person): Promise<string>;
  /** Seals the template, sends it, and overwrites it. */
  enrol(values: Float32Array<ArrayBuffer>, model: ModelInUse): Promise<void>;
  /** The same for a voice. Resolves when a microphone may be asked for. */
  agreeToVoice(person: Person): Promise<string>;
  /** Seals the voice, sends it, and overwrites it. */
  enrolVoice(voice: VoiceTemplate): Promise<void>;
  stop(): void;
}

/** The phone that this browser is. */
function browserPhone(issuer: string, deviceSeed: Uint8Array): Phone {
  const vault = createNobleVault(random);
  const world = { clock, random, vault, fetch: (request: Request) => fetch(request) };
  return phone(world, { issuer, deviceSeed });
}

/** As `shopper`, for the page that is a phone. */
export const pocket = (issuer: string, deviceSeed: Uint8Array): Pocket =>
  pocketOf(browserPhone(issuer, deviceSeed));

/** `issuer` is the page's own origin; `deviceSeed` 32 bytes, secret. */
export function shopper(issuer: string, deviceSeed: Uint8Array): Shopper {
  const own = browserPhone(issuer, deviceSeed);
  return {
    async agree(person) {
      const account = await own.openAccount(person);
      await own.agreeToFace(faceNotice.version);
      return account;
    },
    enrol: (values, { sha256, preset }) =>
      own.enrolFace({ model: sha256, preset, values }, faceNotice.version),
    async agreeToVoice(person) {
      const account = await own.openAccount(person);
      await own.agreeToVoice(voiceNotice.version);
      return account;
    },
    enrolVoice: (voice) => own.enrolVoice(voice, voiceNotice.version),
    stop: () => own.stop(),
  };
}
