/**
 * A small town for tests: an issuer on a clock that only tests move, a shop with a gateway and a
 * beacon, and shoppers with phones, all of them talking through the real HTTP handler.
 */
import { type AccountKeys, memoryAccountKeys } from "../store/account_keys.ts";
import { createIssuerClient, type IssuerClient } from "../../../runtime/sync/contract/client.ts";
import type { Signer } from "../../../runtime/sync/contract/signatures.ts";
import { sealTemplate } from "../../../runtime/sync/contract/templates.ts";
import { fromBase64url, toBase64url } from "../../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../../runtime/vault/node.ts";
import type { KeyPair, Random } from "../../../runtime/world.ts";
import type { AgeProofs } from "../age_proofs.ts";
import type { Acquirer } from "../acquirer.ts";
import { testAcquirer } from "../test_acquirer.ts";
import { type Issuer, issuer } from "../issuer.ts";
import { openIssuerStore } from "../store/sqlite.ts";
import type { IssuerStore } from "../store/store.ts";
import type { IssuerSettings } from "../world.ts";
import { countedRandom, type ManualClock, manualClock } from "./clock.ts";

export const origin = "http://issuer.test";
export const adminKey = "the-administrators-key";
export const model = "a".repeat(64);

export interface Shop {
  readonly client: IssuerClient;
  readonly signer: Signer;
  readonly sealing: KeyPair;
  readonly gateway: string;
  readonly beacon: string;
}

export interface Shopper {
  readonly account: string;
  readonly client: IssuerClient;
  readonly signer: Signer;
}

export interface Town {
  readonly issuer: Issuer;
  readonly clock: ManualClock;
  readonly random: Random;
  readonly store: IssuerStore;
  readonly logged: string[];
  readonly admin: IssuerClient;
  readonly issuerKey: Uint8Array;
  readonly issuerSealingKey: Uint8Array;
  client(signer?: Signer): IssuerClient;
}

export interface TownOptions {
  readonly store?: IssuerStore;
  readonly accountKeys?: AccountKeys;
  readonly clock?: ManualClock;
  readonly random?: Random;
  readonly acquirer?: Acquirer;
  readonly ageProofs?: AgeProofs;
  readonly settings?: Partial<IssuerSettings>;
  /** The address from which all is asked. */
  readonly from?: () => string;
  readonly answered?: (answer: Response) => void;
}

export async function town(options: TownOptions = {}): Promise<Town> {
  const clock = options.clock ?? manualClock();
  const random = options.random ?? countedRandom();
  const store = options.store ?? openIssuerStore(":memory:");
  const logged: string[] = [];
  const house = issuer({
    clock,
    random,
    vault,
    store,
    accountKeys: options.accountKeys ?? memoryAccountKeys(),
    acquirer: options.acquirer ?? testAcquirer(),
    ...(options.ageProofs ? { ageProofs: options.ageProofs } : {}),
    log: (level, message, fields) => void logged.push(JSON.stringify({ level, message, fields })),
    settings: { adminKey, ...options.settings },
  });
  const link = {
    origin,
    async fetch(request: Request) {
      const answer = await house.app.fetch(request, { from: options.from?.() });
      options.answered?.(answer.clone());
      return answer;
    },
  };
  const base = { link, vault, clock, random };
  const keys = await createIssuerClient(base).call("keys");
  const issuerKey = fromBase64url(keys.signing_public_key) ?? new Uint8Array(0);
  const client = (signer?: Signer) =>
    createIssuerClient({ ...base, issuerPublicKey: issuerKey, ...(signer ? { signer } : {}) });
  return {
    issuer: house,
    clock,
    random,
    store,
    logged,
    issuerKey,
    issuerSealingKey: fromBase64url(keys.sealing_public_key) ?? new Uint8Array(0),
    client,
    admin: client(),
  };
}

/** A merchant with a store, a gateway that enrolled there, and its beacon. */
export async function openShop(
  place: Town,
  name = "harbour",
  gateway = `${name}-gw`,
): Promise<Shop> {
  const { admin, random } = place;
  const bearer = adminKey;
  await admin.call("registerMerchant", {
    bearer,
    body: { merchant: `${name}-foods`, name: `${name} foods` },
  });
  await admin.call("registerStore", {
    bearer,
    body: { store: name, merchant: `${name}-foods`, name, currency: "EUR" },
  });
  const { enrolment_code } = await admin.call("registerGateway", {
    bearer,
    body: { gateway, store: name },
  });
  const signing = vault.signingKey(random.bytes(32));
  const sealing = vault.sealingKey(random.bytes(32));
  const publicKey = toBase64url(signing.publicKey);
  await place.client({ keyid: `gateway-key:${publicKey}`, privateKey: signing.privateKey }).call(
    "enrolGateway",
    {
      body: {
        gateway,
        enrolment_code,
        signing_public_key: publicKey,
        sealing_public_key: toBase64url(sealing.publicKey),
      },
    },
  );
  const signer = { keyid: `gateway:${gateway}`, privateKey: signing.privateKey };
  const client = place.client(signer);
  const beacon = gateway.replace(/-gw/, "-b1");
  await client.call("registerBeacons", { body: { hardware_ids: [beacon] } });
  return { client, signer, sealing, gateway, beacon };
}

/** A template of unit length that is particular to the number. */
export function face(number: number) {
  const values = new Float32Array(16).map((_, at) => Math.sin(at * number + number));
  const length = Math.hypot(...values);
  return { model, preset: "drawn", values: values.map((value) => value / length) };
}

/** A shopper with an account, a consent and a template. */
export async function newShopper(
  place: Town,
  number = 1,
  instrument = "test_ok",
): Promise<Shopper> {
  const device = vault.signingKey(place.random.bytes(32));
  const publicKey = toBase64url(device.publicKey);
  const { account } = await place.client({
    keyid: `device-key:${publicKey}`,
    privateKey: device.privateKey,
  }).call("openAccount", {
    key: `open-${number}`,
    body: {
      first_name: `Shopper${number}`,
      initials: `S${number}`.slice(0, 4),
      device_public_key: publicKey,
      instrument,
    },
  });
  const signer = { keyid: `device:${account}`, privateKey: device.privateKey };
  const client = place.client(signer);
  const { consent } = await client.call("giveConsent", {
    body: { kind: "face", version: "1", given_at_ms: place.clock.now_ms() },
  });
  const context = { to: "issuer", account, consent } as const;
  const sealed = sealTemplate(vault, place.issuerSealingKey, context, face(number));
  await client.call("putTemplate", { body: { consent, ...sealed } });
  return { account, client, signer };
}
