/**
 * Who may say what: the key that must have signed a request, by route, and the proof that it did.
 */
import { fromBase64url, utf8 } from "../../../runtime/vault/bytes.ts";
import { createReplayWindow } from "../../../runtime/sync/contract/replay.ts";
import type { RouteName } from "../../../runtime/sync/contract/routes.ts";
import { type RequestParts, verifyRequest } from "../../../runtime/sync/contract/signatures.ts";
import { issuerLimits as limits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { Accounts } from "../rooms/accounts.ts";
import type { Merchants } from "../rooms/merchants.ts";
import type { House } from "../world.ts";

/** `new_device` and `new_gateway` sign with a key that the request itself brings. */
export type Who =
  | "anyone"
  | "administrator"
  | "new_device"
  | "account"
  | "new_gateway"
  | "gateway";

export const who: Readonly<Record<RouteName, Who>> = {
  keys: "anyone",
  openAccount: "new_device",
  giveConsent: "account",
  putTemplate: "account",
  checkIn: "account",
  renew: "account",
  giveTokens: "account",
  leave: "account",
  receipts: "account",
  registerMerchant: "administrator",
  registerStore: "administrator",
  registerGateway: "administrator",
  enrolGateway: "new_gateway",
  registerBeacons: "gateway",
  askAccountData: "gateway",
  authorise: "gateway",
  capture: "gateway",
  reverse: "gateway",
  ledger: "gateway",
  feed: "gateway",
};

/** How keyids begin; after the colon stands the account, the gateway or the key itself. */
export const keyidPrefix = {
  account: "device:",
  new_device: "device-key:",
  gateway: "gateway:",
  new_gateway: "gateway-key:",
} as const;

/** Who asked, once it is proved. `name` is the account, the gateway or the key. */
export interface Principal {
  readonly keyid: string;
  readonly name: string;
}

export class Authority {
  readonly #house: House;
  readonly #accounts: Accounts;
  readonly #merchants: Merchants;
  readonly #replay;

  constructor(house: House, accounts: Accounts, merchants: Merchants) {
    this.#house = house;
    this.#accounts = accounts;
    this.#merchants = merchants;
    this.#replay = createReplayWindow({
      opened_at_ms: house.clock.now_ms(),
      tolerance_s: limits.clock_tolerance_s,
      capacity: limits.replay_window,
    });
  }

  /** Throws `Refusal` unless the request is by somebody who may ask this. */
  check(needed: Who, request: RequestParts): Principal {
    if (needed === "anyone") return { keyid: "anyone", name: "" };
    if (needed === "administrator") return this.#administrator(request);
    const { vault, clock } = this.#house;
    const checked = verifyRequest(vault, request, (keyid) => this.#key(needed, keyid));
    if (!checked.ok) throw new Refusal(checked.problem);
    const { keyid } = checked;
    const admitted = this.#replay.admit(checked, clock.now_ms());
    if (admitted === "stale") throw new Refusal("signature_stale");
    if (admitted === "replayed") throw new Refusal("signature_replayed");
    if (admitted === "full") throw new Refusal("overloaded");
    return { keyid, name: keyid.slice(keyidPrefix[needed].length) };
  }

  #key(needed: keyof typeof keyidPrefix, keyid: string): Uint8Array | undefined {
    const prefix = keyidPrefix[needed];
    if (!keyid.startsWith(prefix)) return undefined;
    const name = keyid.slice(prefix.length);
    if (needed === "account") return this.#accounts.deviceKey(name);
    if (needed === "gateway") return this.#merchants.signingKey(name);
    return fromBase64url(name);
  }

  #administrator({ headers }: RequestParts): Principal {
    const { vault, settings } = this.#house;
    const [, given] = /^Bearer (.{1,200})$/i.exec(headers.get("authorization") ?? "") ?? [];
    const fits = given !== undefined && settings.adminKey !== undefined &&
      vault.equal(vault.sha256(utf8(given)), vault.sha256(utf8(settings.adminKey)));
    if (!fits) throw new Refusal("administrator_unknown");
    return { keyid: "administrator", name: "administrator" };
  }
}
