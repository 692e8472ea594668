/**
 * A small town for tests: an issuer on a clock that only tests move, a shop with a gateway and a
 * beacon, and shoppers with phones, all of them talking through the real HTTP handler.
 */
import assert from "node:assert/strict";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { InvariantError } from "../../runtime/errors.ts";
import {
  createIssuerClient,
  type IssuerClient,
  IssuerRefusal,
} from "../../runtime/sync/contract/client.ts";
import type { FeedItem } from "../../runtime/sync/contract/schemas.ts";
import type { Signer } from "../../runtime/sync/contract/signatures.ts";
import { sealTemplate } from "../../runtime/sync/contract/templates.ts";
import { makeToken, readFeedItem } from "../../runtime/sync/contract/tokens.ts";
import { fromBase64url, toBase64url, utf8 } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import type { Clock, KeyPair, Random } from "../../runtime/world.ts";
import { type Acquirer, testAcquirer } from "./acquirer.ts";
import { type Issuer, issuer } from "./issuer.ts";
import { type IssuerStore, openIssuerStore } from "./store/store.ts";
import type { IssuerSettings } from "./world.ts";

export const origin = "http://issuer.test";
export const adminKey = "the-administrators-key";
export const model = "a".repeat(64);

/** The promise is refused with this problem. */
export async function refused(promise: Promise<unknown>, problem: string): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof IssuerRefusal, String(error));
    assert.equal(error.problem, problem);
    return true;
  });
}

export interface ManualClock extends Clock {
  /** Moves from deadline to deadline, giving promises their turn at each. */
  advance(by_ms: number): Promise<void>;
}

/** Lets everything that waits for a promise go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

export function manualClock(start_ms = 1_700_000_000_000): ManualClock {
  let now_ms = start_ms;
  const due = new Map<number, { at_ms: number; call: () => void }>();
  let serial = 0;
  return {
    now_ms: () => now_ms,
    after(delay_ms, call) {
      const id = ++serial;
      due.set(id, { at_ms: now_ms + delay_ms, call });
      return () => void due.delete(id);
    },
    async advance(by_ms) {
      const until_ms = now_ms + by_ms;
      for (;;) {
        await settled();
        const [next] = [...due].sort(([a, x], [b, y]) => x.at_ms - y.at_ms || a - b);
        if (!next || next[1].at_ms > until_ms) break;
        due.delete(next[0]);
        now_ms = next[1].at_ms;
        next[1].call();
      }
      now_ms = until_ms;
      await settled();
    },
  };
}

/** Bytes that are never the same and always the same: a counter, hashed. */
export function countedRandom(): Random {
  let count = 0;
  return {
    bytes(length) {
      const block = vault.sha256(utf8(`random ${++count}`));
      if (length > block.length) throw new InvariantError("tests take 32 bytes at most");
      return block.slice(0, length);
    },
  };
}

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
  readonly clock?: ManualClock;
  readonly random?: Random;
  readonly acquirer?: Acquirer;
  readonly settings?: Partial<IssuerSettings>;
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
    acquirer: options.acquirer ?? testAcquirer(),
    log: (level, message, fields) => void logged.push(JSON.stringify({ level, message, fields })),
    settings: { adminKey, ...options.settings },
  });
  const link = {
    origin,
    fetch: (request: Request) => Promise.resolve(house.app.fetch(request)),
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

/** What is on the feed of a gateway after a sequence, by now. */
export async function feedOf(place: Town, shop: Shop, after = 0): Promise<FeedItem[]> {
  const ending = new AbortController();
  const items: FeedItem[] = [];
  const bytes = await shop.client.feed(after, ending.signal);
  const events = bytes.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new EventSourceParserStream()).getReader();
  const reading = (async () => {
    for (let next = await events.read(); !next.done; next = await events.read()) {
      const item = readFeedItem(vault, next.value.data, place.issuerKey);
      if (!item) throw new InvariantError("the feed brought what the issuer did not sign");
      items.push(item);
    }
  })();
  await place.clock.advance(0);
  await events.cancel();
  await reading;
  return items;
}

export type CodeSet = Extract<FeedItem["body"], { type: "beacon.code_set" }>;

/** The code and nonce of the beacon's present period, as its gateway learns them. */
export async function presentCode(place: Town, shop: Shop): Promise<CodeSet> {
  await shop.client.call("registerBeacons", { body: { hardware_ids: [shop.beacon] } });
  const now_ms = place.clock.now_ms();
  const codes = (await feedOf(place, shop)).map(({ body }) => body)
    .filter((body): body is CodeSet => body.type === "beacon.code_set")
    .filter((body) => body.from_ms <= now_ms && body.until_ms > now_ms);
  const code = codes.at(-1);
  if (!code) throw new InvariantError("the beacon has no code");
  return code;
}

let tokens = 0;

/** A one-time token by the shopper's device. */
export function tokenOf(
  place: Town,
  shopper: Shopper,
  check_in: string,
  store = "harbour",
  change: { exp?: number; check_in?: string; jti?: string } = {},
): string {
  const iat = Math.floor(place.clock.now_ms() / 1000);
  return makeToken(vault, shopper.signer, {
    iss: shopper.account,
    aud: store,
    jti: `t-${++tokens}`,
    purpose: "purchase",
    check_in,
    iat,
    exp: iat + 600,
    ...change,
  });
}

/** The shopper comes in, is heard, and gives tokens. */
export async function comeIn(place: Town, shop: Shop, shopper: Shopper, count = 1) {
  const { code, nonce } = await presentCode(place, shop);
  const heard = { hardware_id: shop.beacon, code, heard_at_ms: place.clock.now_ms() };
  const { check_in, store } = await shopper.client.call("checkIn", { body: heard });
  const given = Array.from({ length: count }, () => tokenOf(place, shopper, check_in, store));
  if (count > 0) {
    await shopper.client.call("giveTokens", { path: { check_in }, body: { tokens: given } });
  }
  return { check_in, store, tokens: given, code, nonce };
}

/** A sale of 12.50 to the visit, as a lane would put it. */
export function saleTo(place: Town, check_in: string, token: string, payment = "p-1") {
  return {
    payment,
    check_in,
    token,
    lane: "1",
    amount_minor: 1_250,
    currency: "EUR",
    items: [{ name: "Bread", quantity: 1, amount_minor: 1_250 }],
    evidence: {
      kind: "face_at_pay_position" as const,
      camera: "till-1",
      model,
      frames: 5,
      outcome: "identified" as const,
      liveness: "passed" as const,
      seen_at_ms: place.clock.now_ms(),
    },
    operator: "ana",
  };
}
