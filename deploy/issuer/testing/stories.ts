/** What happens in a town again and again: feeds are read, shoppers come in, lanes ask. */
import assert from "node:assert/strict";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { InvariantError } from "../../../runtime/errors.ts";
import { IssuerRefusal } from "../../../runtime/sync/contract/port.ts";
import type { FeedItem } from "../../../runtime/sync/contract/schemas.ts";
import { makeToken, readFeedItem } from "../../../runtime/sync/contract/tokens.ts";
import { nodeVault as vault } from "../../../runtime/vault/node.ts";
import { model, type Shop, type Shopper, type Town } from "./town.ts";

/** The promise is refused with this problem. */
export async function refused(promise: Promise<unknown>, problem: string): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof IssuerRefusal, String(error));
    assert.equal(error.problem, problem);
    return true;
  });
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
