/**
 * Who may ask what: the key that must stand behind a request, by route, and that each signature is
 * taken once. That the signature holds is for the wire to say on which the request came.
 */
import { fromBase64url, utf8 } from "../../runtime/vault/bytes.ts";
import { type AheadRecord, createReplayWindow } from "../../runtime/sync/contract/replay.ts";
import type { RouteName } from "../../runtime/sync/contract/routes.ts";
import { issuerLimits as limits } from "./limits.ts";
import { Refusal } from "./refusal.ts";
import type { Accounts } from "./rooms/accounts.ts";
import type { Merchants } from "./rooms/merchants.ts";
import type { IssuerStore } from "./store/store.ts";
import type { House } from "./world.ts";

/** `shopper` is any device of an account; `new_device` and `new_gateway` sign with a key that the
 * request itself brings. */
export type Who =
  | "anyone"
  | "administrator"
  | "new_device"
  | "account"
  | "shopper"
  | "new_gateway"
  | "gateway";

export const who: Readonly<Record<RouteName, Who>> = {
  keys: "anyone",
  openAccount: "new_device",
  giveConsent: "account",
  putTemplate: "account",
  revokeOffers: "account",
  shownContent: "account",
  showContent: "gateway",
  revokeFace: "account",
  putVoice: "account",
  revokeVoice: "account",
  eraseAccount: "account",
  checkIn: "account",
  renew: "account",
  giveTokens: "account",
  sayPeople: "account",
  leave: "account",
  receipts: "account",
  ageQuestions: "account",
  proveAge: "account",
  readAccount: "account",
  accountChanges: "shopper",
  undoChange: "shopper",
  readLimits: "account",
  setLimits: "account",
  setPhrase: "account",
  addDevice: "account",
  approvals: "shopper",
  answerApproval: "shopper",
  registerMerchant: "administrator",
  registerStore: "administrator",
  registerGateway: "administrator",
  setEligibility: "administrator",
  revokeGateway: "administrator",
  settlement: "administrator",
  settlementLines: "administrator",
  enrolGateway: "new_gateway",
  turnGatewayKeys: "gateway",
  registerBeacons: "gateway",
  askAccountData: "gateway",
  authorise: "gateway",
  conduct: "gateway",
  attest: "gateway",
  checkAnswer: "gateway",
  askVoices: "gateway",
  beginChange: "gateway",
  proveChange: "gateway",
  endChange: "gateway",
  capture: "gateway",
  forward: "gateway",
  release: "gateway",
  refund: "gateway",
  reverse: "gateway",
  ledger: "gateway",
  feed: "gateway",
  admit: "gateway",
  endTrip: "gateway",
  decideDispute: "gateway",
  trips: "account",
  disputeLine: "account",
  settleTrip: "account",
  registerRetailer: "administrator",
};

/** How keyids begin; after the colon stands the account, the gateway or the key itself. */
export const keyidPrefix = {
  account: "device:",
  shopper: "device:",
  new_device: "device-key:",
  gateway: "gateway:",
  new_gateway: "gateway-key:",
} as const;

/** Who asked, once it is proved. `name` is the account, the gateway or the key. */
export interface Principal {
  readonly keyid: string;
  readonly name: string;
}

/** What a request brings to show who asks. */
export interface Credentials {
  /** Bearer key of an administrator. */
  readonly bearer: string | undefined;
  /** The signature, when it holds under the key that `keyOf` names for its keyid. Throws `Refusal`
   * when it does not. */
  proved(keyOf: (keyid: string) => Uint8Array | undefined): {
    readonly keyid: string;
    readonly created_s: number;
    readonly nonce: string;
  };
}

/** Seconds of keys whose clocks are ahead; those that are long over go with the next. */
function aheadRecord(store: IssuerStore): AheadRecord {
  const { ahead } = store.tables;
  return {
    since: (above) =>
      ahead.all("by_second", [], { above }).map(({ keyid, created_s }) => [keyid, created_s]),
    note(keyid, created_s) {
      if ((ahead.get(keyid)?.created_s ?? 0) >= created_s) return;
      store.transaction(() => {
        const below = created_s - 2 * limits.clock_tolerance_s;
        for (const over of ahead.all("by_second", [], { below, limit: 8 })) ahead.remove(over);
        ahead.put({ keyid, created_s });
      });
    },
  };
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
      again: house.reopened,
      ahead: aheadRecord(house.store),
      tolerance_s: limits.clock_tolerance_s,
      capacity: limits.replay_window,
    });
  }

  /** The merchant whose own system signed, for what retailers ask. Throws `Refusal`. */
  retailer(given: Credentials): string {
    const prefix = "retailer:";
    const signature = given.proved((keyid) =>
      keyid.startsWith(prefix) ? this.#merchants.retailerKey(keyid.slice(prefix.length)) : undefined
    );
    this.#admit(signature);
    return signature.keyid.slice(prefix.length);
  }

  /** Throws `Refusal` unless the request is by somebody who may ask this. */
  check(route: RouteName, given: Credentials): Principal {
    const needed = who[route];
    if (needed === "anyone") return { keyid: "anyone", name: "" };
    if (needed === "administrator") return this.#administrator(given.bearer);
    if (needed === "gateway") return this.#gateway(given);
    const signature = given.proved((keyid) => this.#key(needed, keyid));
    const { keyid } = signature;
    this.#admit(signature);
    const name = keyid.slice(keyidPrefix[needed].length);
    return { keyid, name: needed === "shopper" ? name.split("~", 1)[0] ?? "" : name };
  }

  /** Signed with the gateway's key, or with the next one, which it uses from now on. */
  #gateway(given: Credentials): Principal {
    const { gateway: prefix } = keyidPrefix;
    const merchants = this.#merchants;
    const nameOf = (keyid: string) => keyid.startsWith(prefix) ? keyid.slice(prefix.length) : "";
    const present = (keyid: string) => merchants.signingKey(nameOf(keyid));
    const next = (keyid: string) => merchants.nextSigningKey(nameOf(keyid)) ?? present(keyid);
    const proved = () => {
      try {
        return { signature: given.proved(present), turned: false };
      } catch (refusal) {
        if (!(refusal instanceof Refusal) || refusal.kind !== "signature_wrong") throw refusal;
        return { signature: given.proved(next), turned: true };
      }
    };
    const { signature, turned } = proved();
    this.#admit(signature);
    const name = nameOf(signature.keyid);
    if (turned) merchants.useNextKeys(name);
    return { keyid: signature.keyid, name };
  }

  #admit(signature: ReturnType<Credentials["proved"]>): void {
    const admitted = this.#replay.admit(signature, this.#house.clock.now_ms());
    if (admitted === "early") throw new Refusal("clock_fast");
    if (admitted === "stale") throw new Refusal("signature_stale");
    if (admitted === "replayed") throw new Refusal("signature_replayed");
    if (admitted === "opening") throw new Refusal("opening");
    if (admitted === "full") throw new Refusal("overloaded");
  }

  #key(
    needed: Exclude<keyof typeof keyidPrefix, "gateway">,
    keyid: string,
  ): Uint8Array | undefined {
    const prefix = keyidPrefix[needed];
    if (!keyid.startsWith(prefix)) return undefined;
    const name = keyid.slice(prefix.length);
    if (needed === "account") return this.#accounts.deviceKey(name);
    if (needed === "shopper") return this.#accounts.answeringKey(name);
    return fromBase64url(name);
  }

  #administrator(given: string | undefined): Principal {
    const { vault, settings } = this.#house;
    const fits = given !== undefined && settings.adminKey !== undefined &&
      vault.equal(vault.sha256(utf8(given)), vault.sha256(utf8(settings.adminKey)));
    if (!fits) throw new Refusal("administrator_unknown");
    return { keyid: "administrator", name: "administrator" };
  }
}
