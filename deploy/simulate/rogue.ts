/**
 * Somebody who replays what was heard: whole signed requests, tokens that were given before, and
 * codes that were on the air long ago, reported by a phone that is not in the store.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Clock, Random, Vault } from "../../runtime/world.ts";
import { createIssuerClient, type IssuerClient } from "../../runtime/sync/contract/client.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import type { IssuerKeys } from "../phone/phone.ts";
import type { BeaconDevice } from "../../runtime/sim/devices.ts";
import type { Handset } from "./person.ts";
import { shop } from "./setting.ts";

export interface RogueSetting {
  readonly chance: Chance;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly keys: IssuerKeys;
  readonly beacons: readonly BeaconDevice[];
  readonly handsets: () => readonly Handset[];
  readonly fetch: (request: Request) => Promise<Response>;
}

interface HeardCode {
  readonly hardware_id: string;
  readonly code: string;
}

const remembered = 64;
const tokens_path = /^\/v1\/check-ins\/([^/]+)\/tokens$/;

export class Rogue {
  readonly #setting: RogueSetting;
  readonly #requests: Request[] = [];
  readonly #codes: HeardCode[] = [];

  constructor(setting: RogueSetting) {
    this.#setting = setting;
  }

  /** A way for phones on which somebody listens. */
  overhear = (request: Request): Promise<Response> => {
    const { chance, fetch } = this.#setting;
    const isTokens = tokens_path.test(new URL(request.url).pathname);
    if (chance.happens(isTokens ? 0.3 : 0.05)) {
      this.#requests.push(request.clone());
      if (this.#requests.length > remembered) this.#requests.shift();
    }
    return fetch(request);
  };

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

  /** The very bytes again. */
  #repeat(): Promise<unknown> | undefined {
    if (this.#requests.length === 0) return undefined;
    return this.#setting.fetch(
      new Request(this.#setting.chance.pick(this.#requests).clone(), {
        signal: new AbortController().signal,
      }),
    );
  }

  /** The same tokens under a new signature, for the check-in that the phone has now. */
  async #giveAgain(): Promise<void> {
    const { chance, handsets } = this.#setting;
    const given = this.#requests.filter(({ url }) => tokens_path.test(new URL(url).pathname));
    if (given.length === 0) return;
    const request = chance.pick(given).clone();
    const [, old = ""] = tokens_path.exec(new URL(request.url).pathname) ?? [];
    const { tokens } = await request.json() as { tokens: string[] };
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

  #as({ phone, deviceSeed }: Handset): IssuerClient {
    const { clock, random, vault, keys, fetch } = this.#setting;
    const { privateKey } = vault.signingKey(deviceSeed);
    const issuerPublicKey = fromBase64url(keys.signing_public_key);
    return createIssuerClient({
      link: { origin: shop.issuer.url, fetch },
      clock,
      random,
      vault,
      signer: { keyid: `device:${phone.account}`, privateKey },
      ...(issuerPublicKey ? { issuerPublicKey } : {}),
    });
  }
}
