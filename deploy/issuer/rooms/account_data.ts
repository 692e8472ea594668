/**
 * What a gateway is told of the people at its beacon: those whose phones reported the code that it
 * proves to know, and nobody else, with templates sealed to its key.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { fromBase64url } from "../../../runtime/vault/bytes.ts";
import type { Sealer } from "../../../runtime/vault/vault.ts";
import type { RotationKey } from "../../../runtime/vault/rotation.ts";
import { Refusal } from "../refusal.ts";
import type { CheckInRow as CheckIn } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { Accounts } from "./accounts.ts";
import type { Allowances } from "./allowances.ts";
import type { Beacons } from "./beacons.ts";
import type { Merchants, Store } from "./merchants.ts";
import type { Rotations } from "./rotations.ts";
import { Sealers } from "./sealers.ts";
import type { VisitTokens } from "./visit_tokens.ts";

/** The gateway that asks, and by what it is answered. */
interface Asker {
  readonly gateway: string;
  readonly sealer: Sealer;
  readonly rotation: RotationKey;
  /** In which it is. */
  readonly store: Store | undefined;
}

/** The rooms next to this one. */
export interface AccountDataNeeds {
  readonly house: House;
  readonly accounts: Accounts;
  readonly merchants: Merchants;
  readonly beacons: Beacons;
  readonly rotations: Rotations;
  readonly allowances: Allowances;
  readonly tokens: VisitTokens;
}

export class AccountData {
  readonly #rooms: AccountDataNeeds;
  readonly #sealers: Sealers;

  constructor(rooms: AccountDataNeeds) {
    this.#rooms = rooms;
    this.#sealers = new Sealers(rooms.house);
  }

  /** Everybody whose phone reported the beacon's code of the proved period or the one before, for
   * the gateway that proves to be beside it; or those of whom something changed since an answer
   * that it has. */
  tell(gateway: string, ask: z.output<typeof schemas.askAccountData>) {
    const { store, clock } = this.#rooms.house;
    const beacon = this.#rooms.beacons.find(ask.hardware_id);
    if (!beacon) throw new Refusal("beacon_unknown");
    if (beacon.gateway !== gateway) throw new Refusal("beacon_foreign");
    const { code, nonce } = ask;
    const period = code === undefined || nonce === undefined
      ? this.#rooms.beacons.periodKnown(beacon)
      : this.#rooms.beacons.periodProved(beacon, code, nonce);
    const key = fromBase64url(this.#rooms.merchants.find(gateway)?.sealing_public_key ?? "");
    if (!key) throw new Refusal("key_unknown");
    const now_ms = clock.now_ms();
    // Who knows of a later revision than there is knows what a lost backup knew.
    const since = (ask.since ?? 0) > beacon.revision ? 0 : ask.since ?? 0;
    const here = store.tables.check_in.all("live_at", [ask.hardware_id], { above: since })
      .filter((found) => found.lease_expires_ms > now_ms && found.period >= period - 1);
    const { revision } = beacon;
    const rotation = this.#rooms.rotations.now(beacon.store);
    const shop = this.#rooms.merchants.findStore(beacon.store);
    const asker = { gateway, sealer: this.#sealers.of(gateway, key), rotation, store: shop };
    const visits = here.flatMap((found) => this.#visit(found, asker, since));
    const rotations = visits.some(({ template }) => template)
      ? [this.#rooms.rotations.sealed(gateway, key, rotation)]
      : [];
    const proved_for_ms = this.#rooms.beacons.provedFor(ask.hardware_id);
    return { visits, rotations, revision, proved_for_ms };
  }

  #visit(found: CheckIn, { gateway, sealer, rotation, store }: Asker, since: number) {
    const { check_in, account, lease_expires_ms, template_revision } = found;
    const who = this.#rooms.accounts.find(account);
    if (!who) return [];
    const context = { gateway, account, check_in, lease_expires_ms };
    const turned = {
      ...rotation,
      turn: (values: Float32Array) => this.#rooms.rotations.turn(found.store, rotation, values),
    };
    return [{
      check_in,
      account,
      first_name: who.first_name,
      initials: who.initials,
      lease_expires_ms,
      tokens: this.#rooms.tokens.held(check_in),
      allowances: this.#rooms.allowances.ofVisit(gateway, found, store),
      offers: this.#rooms.accounts.hasAgreed(account, "offers"),
      ...(template_revision <= since
        ? {}
        : { template: this.#rooms.accounts.resealTemplate(account, sealer, context, turned) }),
    }];
  }
}
