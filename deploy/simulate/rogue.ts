/**
 * Somebody who replays what was heard: whole signed requests, tokens that were given before, and
 * codes that were on the air long ago, reported by a phone that is not in the store.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Clock, Vault } from "../../runtime/world.ts";
import type { IssuerPort, Speak } from "../../runtime/sync/contract/port.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import type { IssuerKeys } from "../phone/phone.ts";
import type { BeaconDevice } from "../../runtime/sim/devices.ts";
import type { Letter } from "./letter.ts";
import type { Handset } from "./person.ts";

export interface RogueSetting {
  readonly chance: Chance;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly keys: IssuerKeys;
  readonly beacons: readonly BeaconDevice[];
  readonly handsets: () => readonly Handset[];
  readonly fetch: (request: Request) => Promise<Response>;
  readonly speak: Speak;
}

/** Something signed that was overheard. */
interface Overheard {
  /** Says the very same again. */
  again(): Promise<unknown>;
  /** When it brought tokens, for which check-in. */
  tokens(): Promise<{ check_in: string; tokens: string[] }>;
  readonly isTokens: boolean;
}

interface HeardCode {
  readonly hardware_id: string;
  readonly code: string;
}

const remembered = 64;
const tokens_path = /^\/v1\/check-ins\/([^/]+)\/tokens$/;

export class Rogue {
  readonly #setting: RogueSetting;
  readonly #heard: Overheard[] = [];
  readonly #codes: HeardCode[] = [];

  constructor(setting: RogueSetting) {
    this.#setting = setting;
  }

  /** A way for phones on which somebody listens. */
  overhear = (request: Request): Promise<Response> => {
    const { fetch } = this.#setting;
    const path = new URL(request.url).pathname;
    const [, check_in] = tokens_path.exec(path) ?? [];
    if (this.#listens(check_in !== undefined)) {
      const copy = request.clone();
      this.#keep({
        isTokens: check_in !== undefined,
        again: () => fetch(new Request(copy.clone(), { signal: new AbortController().signal })),
        async tokens() {
          const { tokens } = await copy.clone().json();
          return { check_in: check_in ?? "", tokens };
        },
      });
    }
    return fetch(request);
  };

  /** The same for letters. */
  overhearLetter(letter: Letter, send: (letter: Letter) => Promise<unknown>): Promise<unknown> {
    const { name, ask } = letter;
    const isTokens = name === "giveTokens";
    if (this.#listens(isTokens)) {
      this.#keep({
        isTokens,
        again: () => send(letter),
        tokens: () =>
          Promise.resolve({
            check_in: ask.path?.["check_in"] ?? "",
            tokens: (ask.body as { tokens: string[] }).tokens,
          }),
      });
    }
    return send(letter);
  }

  #listens(isTokens: boolean): boolean {
    return this.#setting.chance.happens(isTokens ? 0.3 : 0.05);
  }

  #keep(heard: Overheard): void {
    this.#heard.push(heard);
    if (this.#heard.length > remembered) this.#heard.shift();
  }

  strike(): void {
    const { chance, beacons } = this.#setting;
    for (const beacon of beacons) {
      const code = beacon.heard();
      if (code === undefined || this.#codes.at(-1)?.code === code) continue;
      this.#codes.push({ hardware_id: beacon.hardware_id, code });
      if (this.#codes.length > remembered) this.#codes.shift();
    }
    const acts = [() => this.#repeat(), () => this.#giveAgain(), () => this.#reportOld()];
    chance.pick(acts)()?.catch(() => {});
  }

  #repeat(): Promise<unknown> | undefined {
    if (this.#heard.length === 0) return undefined;
    return this.#setting.chance.pick(this.#heard).again();
  }

  /** The same tokens under a new signature, for the check-in that the phone has now. */
  async #giveAgain(): Promise<void> {
    const { chance, handsets } = this.#setting;
    const given = this.#heard.filter(({ isTokens }) => isTokens);
    if (given.length === 0) return;
    const { check_in: old, tokens } = await chance.pick(given).tokens();
    const handset = chance.pick(handsets());
    const check_in = chance.happens(0.5) ? old : handset.phone.checkIn ?? old;
    await this.#as(handset).call("giveTokens", { path: { check_in }, body: { tokens } });
  }

  async #reportOld(): Promise<void> {
    const { chance, handsets, clock } = this.#setting;
    const away = handsets().filter(({ carried }) => !carried);
    if (this.#codes.length === 0 || away.length === 0) return;
    const body = { ...chance.pick(this.#codes), heard_at_ms: clock.now_ms() };
    await this.#as(chance.pick(away)).call("checkIn", { body });
  }

  #as({ phone, deviceSeed }: Handset): IssuerPort {
    const { vault, keys, speak } = this.#setting;
    const { privateKey } = vault.signingKey(deviceSeed);
    const issuerPublicKey = fromBase64url(keys.signing_public_key);
    return speak({
      signer: { keyid: `device:${phone.account}`, privateKey },
      ...(issuerPublicKey ? { issuerPublicKey } : {}),
    });
  }
}
