/**
 * Voices, by which a lane tells several people apart whom its camera cannot: kept sealed to a key
 * of the account, under a consent of their own, and given to a gateway for those alone who stand
 * at one of its lanes.
 */
import type { z } from "zod";
import type * as schemas from "../../../runtime/sync/contract/schemas.ts";
import { openVoice, sealVoice } from "../../../runtime/sync/contract/voices.ts";
import { fromBase64url } from "../../../runtime/vault/bytes.ts";
import { Refusal } from "../refusal.ts";
import type { CheckInRow } from "../store/rows.ts";
import type { House } from "../world.ts";
import type { CheckIns } from "./check_ins.ts";
import type { Merchants } from "./merchants.ts";
import { ownKey, ownKeyOrNew } from "./own_keys.ts";

export class Voices {
  constructor(
    readonly house: House,
    readonly merchants: Merchants,
    readonly checkIns: CheckIns,
  ) {}

  /** Keeps a voice, after looking whether it can be opened at all. */
  put(account: string, ask: z.output<typeof schemas.putVoice>): { kept_at_ms: number } {
    const { store, clock, vault, sealing } = this.house;
    const consent = store.tables.consent.get(ask.consent);
    if (
      consent?.account !== account || consent.kind !== "voice" || consent.revoked_at_ms !== null
    ) {
      throw new Refusal("consent_unknown");
    }
    const context = { to: "issuer", account, consent: ask.consent } as const;
    const opened = openVoice(vault, sealing, context, ask);
    if (!opened) throw new Refusal("template_unreadable");
    const { publicKey } = ownKeyOrNew(this.house, account, "voice");
    const kept = sealVoice(vault, publicKey, context, opened);
    wipe(opened);
    const kept_at_ms = clock.now_ms();
    const { model, preset, version, sealed } = kept;
    store.tables.voice.put({
      account,
      consent: ask.consent,
      model,
      preset,
      version,
      ...sealed,
      kept_at_ms,
    });
    return { kept_at_ms };
  }

  /** The voices of those of them who are here and have one, sealed anew to the gateway. */
  ask(gateway: string, { check_ins }: z.output<typeof schemas.askVoices>) {
    const asker = this.merchants.find(gateway);
    const key = fromBase64url(asker?.sealing_public_key ?? "");
    const here = check_ins.map((name) => {
      const found = this.checkIns.find(name);
      if (!key || !found || found.store !== asker?.store) throw new Refusal("check_in_unknown");
      return found;
    });
    return { voices: here.flatMap((found) => this.#resealed(found, gateway, key!)) };
  }

  /** The numbers are in memory only between the two, and overwritten. */
  #resealed(found: CheckInRow, gateway: string, key: Uint8Array) {
    const { store, vault, log } = this.house;
    const { account, check_in } = found;
    const kept = this.checkIns.isLive(found) ? store.tables.voice.get(account) : undefined;
    if (!kept) return [];
    const { model, preset, version, enc, ciphertext, consent } = kept;
    const sealed = { model, preset, version, sealed: { enc, ciphertext } };
    const own = ownKey(this.house, account, "voice");
    const voice = own && openVoice(vault, own, { to: "issuer", account, consent }, sealed);
    if (!voice) {
      log("error", "a kept voice cannot be opened any more", { account });
      return [];
    }
    const resealed = sealVoice(vault, key, { to: "gateway", gateway, check_in }, voice);
    wipe(voice);
    return [{ check_in, voice: resealed }];
  }
}

function wipe({ values, spreads }: { values: Float32Array; spreads: Float32Array }): void {
  values.fill(0);
  spreads.fill(0);
}
