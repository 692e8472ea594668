/**
 * The load on an issuer: shoppers who check in at one store after another, gateways that ask who is
 * there, lanes that sell. Requests begin at their own times, whether or not earlier ones were
 * answered, and each is timed from when it was due. A process of its own, on a core of its own.
 */
import { realClock as clock, realRandom as random } from "../../../runtime/real.ts";
import { createIssuerClient, type IssuerClient } from "../../../runtime/sync/contract/client.ts";
import type { Signer } from "../../../runtime/sync/contract/signatures.ts";
import { sealTemplate } from "../../../runtime/sync/contract/templates.ts";
import { makeToken } from "../../../runtime/sync/contract/tokens.ts";
import { fromBase64url, toBase64url } from "../../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../../runtime/vault/node.ts";

/** What the load is to be; the rates are a second. */
export interface LoadOrder {
  readonly origin: string;
  readonly bearer: string;
  readonly stores: number;
  readonly walkers: number;
  readonly buyers: number;
  readonly check_ins: number;
  readonly sales: number;
  readonly seconds: number;
}

/** What it was, by kind; milliseconds from when each was due until it was answered. */
export interface LoadResult {
  readonly begun_at_ms: number;
  readonly seconds: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly took_ms: Readonly<Record<string, readonly number[]>>;
}

interface Store {
  readonly name: string;
  readonly gateway: IssuerClient;
  readonly beacon: string;
  code: string;
  nonce: string;
  revision: number;
}
interface Shopper {
  readonly account: string;
  readonly signer: Signer;
  readonly client: IssuerClient;
  at: number;
  check_in: string;
}

const model = "a".repeat(64);
const dimensions = 128;
const asks_every_ms = 1_000;
/** Requests that set the scene, at the same time. */
const at_once = 8;

class Load {
  readonly #order: LoadOrder;
  readonly #refused: Record<string, number> = {};
  readonly #took_ms: Record<string, number[]> = { check_in: [], sale: [], account_data: [] };
  readonly #stop = new AbortController();
  #client!: (signer?: Signer) => IssuerClient;
  #sealingKey = new Uint8Array(32);
  #stores: Store[] = [];
  #payments = 0;

  constructor(order: LoadOrder) {
    this.#order = order;
  }

  async run(): Promise<LoadResult> {
    const { stores, walkers, buyers, seconds, check_ins, sales, origin } = this.#order;
    const link = { origin, fetch: (request: Request) => fetch(request) };
    const base = { link, vault, clock, random };
    const keys = await createIssuerClient(base).call("keys");
    const issuerPublicKey = fromBase64url(keys.signing_public_key)!;
    this.#sealingKey = fromBase64url(keys.sealing_public_key)!;
    this.#client = (signer) =>
      createIssuerClient({ ...base, issuerPublicKey, ...(signer ? { signer } : {}) });
    this.#stores = await inTurn(stores, (number) => this.#openStore(number));
    const people = await inTurn(walkers + buyers, (number) => this.#openAccount(number));
    const shopping = people.splice(0, buyers);
    await inTurn(buyers, (number) => this.#comeIn(shopping[number]!, number % stores));
    const begun_at_ms = clock.now_ms();
    const end_ms = begun_at_ms + seconds * 1_000;
    let walked = 0;
    let sold = 0;
    const work = [
      this.#pace(check_ins, end_ms, "check_in", () => this.#walk(people[walked++ % walkers]!)),
      this.#pace(sales, end_ms, "sale", () => this.#sell(shopping[sold++ % buyers]!)),
      ...this.#stores.map((store, place) =>
        this.#ask(store, begun_at_ms + place * asks_every_ms / stores, end_ms)
      ),
    ];
    await Promise.all(work);
    const lasted_s = (clock.now_ms() - begun_at_ms) / 1_000;
    this.#stop.abort();
    return { begun_at_ms, seconds: lasted_s, refused: this.#refused, took_ms: this.#took_ms };
  }

  /** Begins so many a second, each at its own time; resolves when all are answered. */
  async #pace(a_second: number, end_ms: number, kind: string, begin: () => Promise<unknown>) {
    const under_way: Promise<void>[] = [];
    const between_ms = 1_000 / a_second;
    for (let due_ms = clock.now_ms(); due_ms < end_ms; due_ms += between_ms) {
      const early_ms = due_ms - clock.now_ms();
      if (early_ms > 0) await pause(early_ms);
      under_way.push(this.#timed(kind, due_ms, begin));
    }
    await Promise.all(under_way);
  }

  async #timed(kind: string, due_ms: number, begin: () => Promise<unknown>): Promise<void> {
    try {
      await begin();
      this.#took_ms[kind]?.push(clock.now_ms() - due_ms);
    } catch (error) {
      const reason = `${kind}: ${error instanceof Error ? error.message.slice(0, 80) : error}`;
      this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
    }
  }

  async #openStore(number: number): Promise<Store> {
    const { bearer } = this.#order;
    const name = `store-${number}`;
    const merchant = `${name}-foods`;
    const office = this.#client();
    await office.call("registerMerchant", { bearer, body: { merchant, name } });
    const body = { store: name, merchant, name, currency: "EUR" };
    await office.call("registerStore", { bearer, body });
    const gateway = `${name}-gw`;
    const registered = await office.call("registerGateway", {
      bearer,
      body: { gateway, store: name },
    });
    const signing = vault.signingKey(random.bytes(32));
    const sealing = vault.sealingKey(random.bytes(32));
    const signing_public_key = toBase64url(signing.publicKey);
    const { privateKey } = signing;
    await this.#client({ keyid: `gateway-key:${signing_public_key}`, privateKey })
      .call("enrolGateway", {
        body: {
          gateway,
          enrolment_code: registered.enrolment_code,
          signing_public_key,
          sealing_public_key: toBase64url(sealing.publicKey),
        },
      });
    const client = this.#client({ keyid: `gateway:${gateway}`, privateKey });
    const beacon = `${name}-b1`;
    await client.call("registerBeacons", { body: { hardware_ids: [beacon] } });
    const store = { name, gateway: client, beacon, code: "", nonce: "", revision: 0 };
    const codes = Promise.withResolvers<void>();
    this.#follow(store, codes.resolve).catch(codes.reject);
    await codes.promise;
    return store;
  }

  /** The codes of the beacon, as long as the load lasts. */
  async #follow(store: Store, heard: () => void): Promise<void> {
    try {
      for await (const item of await store.gateway.items(0, this.#stop.signal)) {
        const now_ms = clock.now_ms();
        if (item?.body.type !== "beacon.code_set" || item.body.until_ms <= now_ms) continue;
        if (item.body.from_ms > now_ms) continue;
        store.code = item.body.code;
        store.nonce = item.body.nonce;
        heard();
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  async #openAccount(number: number): Promise<Shopper> {
    const device = vault.signingKey(random.bytes(32));
    const device_public_key = toBase64url(device.publicKey);
    const { privateKey } = device;
    const stranger = this.#client({ keyid: `device-key:${device_public_key}`, privateKey });
    const { account } = await stranger.call("openAccount", {
      key: `open-${device_public_key}`,
      body: { first_name: `P${number}`, initials: "PX", device_public_key, instrument: "test_ok" },
    });
    const signer = { keyid: `device:${account}`, privateKey };
    const client = this.#client(signer);
    const given_at_ms = clock.now_ms();
    const { consent } = await client.call("giveConsent", {
      body: { kind: "face", version: "1", given_at_ms },
    });
    const drawn = Float32Array.from({ length: dimensions }, (_, at) => Math.sin(at * number + 1));
    const length = Math.hypot(...drawn);
    const template = { model, preset: "drawn", values: drawn.map((value) => value / length) };
    const context = { to: "issuer", account, consent } as const;
    const sealed = sealTemplate(vault, this.#sealingKey, context, template);
    await client.call("putTemplate", { body: { consent, ...sealed } });
    return { account, signer, client, at: number % this.#stores.length, check_in: "" };
  }

  /** Into the next store: the stay in the last one ends, another is opened. */
  async #walk(shopper: Shopper): Promise<void> {
    await this.#comeIn(shopper, (shopper.at + 1) % this.#stores.length);
  }

  async #comeIn(shopper: Shopper, at: number): Promise<void> {
    const { beacon: hardware_id, code } = this.#stores[at]!;
    const heard_at_ms = clock.now_ms();
    const body = { hardware_id, code, heard_at_ms };
    shopper.check_in = (await shopper.client.call("checkIn", { body })).check_in;
    shopper.at = at;
  }

  /** A whole sale: the phone gives a token, the lane has it authorised and captured. */
  async #sell({ account, signer, client, check_in, at }: Shopper): Promise<void> {
    const { name, gateway } = this.#stores[at]!;
    const iat = Math.floor(clock.now_ms() / 1_000);
    const jti = toBase64url(random.bytes(9));
    const claims = { iss: account, aud: name, jti, purpose: "purchase", check_in, iat } as const;
    const token = makeToken(vault, signer, { ...claims, exp: iat + 600 });
    await client.call("giveTokens", { path: { check_in }, body: { tokens: [token] } });
    const payment = `p-${++this.#payments}`;
    const money = { amount_minor: 350, currency: "EUR" };
    const seen_at_ms = clock.now_ms();
    const held = await gateway.call("authorise", {
      key: `a-${payment}`,
      body: {
        ...{ payment, check_in, token, lane: "1", operator: "ana", ...money },
        items: [{ name: "Bread", quantity: 1, amount_minor: 350 }],
        evidence: {
          ...{ kind: "face_at_pay_position", camera: "till-1", model, frames: 5, seen_at_ms },
          ...{ outcome: "identified", liveness: "passed" },
        },
      },
    });
    if (held.outcome !== "authorised") throw new Error(JSON.stringify(held));
    const { authorisation } = held;
    const taken = await gateway.call("capture", {
      key: `c-${payment}`,
      body: { payment, authorisation, ...money },
    });
    if (taken.outcome !== "captured") throw new Error(JSON.stringify(taken));
  }

  /** The gateway asks every second who is there, and is sent templates of those who are new. */
  async #ask(store: Store, first_ms: number, end_ms: number): Promise<void> {
    for (let due_ms = first_ms; due_ms < end_ms; due_ms += asks_every_ms) {
      await pause(Math.max(0, due_ms - clock.now_ms()));
      const { beacon: hardware_id, code, nonce, revision: since } = store;
      await this.#timed("account_data", due_ms, async () => {
        const body = { hardware_id, code, nonce, since };
        store.revision = (await store.gateway.call("askAccountData", { body })).revision;
      });
    }
  }
}

const pause = (delay_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, delay_ms));

/** Makes so many, a few at the same time, in their order. */
async function inTurn<T>(count: number, make: (number: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next++;
      made[number] = await make(number);
    }
  };
  await Promise.all(Array.from({ length: at_once }, worker));
  return made;
}

if (import.meta.main) {
  const order: LoadOrder = JSON.parse(await new Response(Deno.stdin.readable).text());
  console.log(JSON.stringify(await new Load(order).run()));
  Deno.exit(0);
}
