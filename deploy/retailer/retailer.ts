/**
 * The reference retailer as a handler: what a walk-out service asks of it (identities, scans,
 * trips), with its own accounts and stock behind. Trips are acknowledged first and priced after.
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { toHex } from "../../runtime/vault/bytes.ts";
import type { Clock, Log, Random, Vault } from "../../runtime/world.ts";
import type { Catalogue, Product } from "./catalogue.ts";
import * as contract from "./contract.ts";
import type { Ledger, Stored } from "./ledger.ts";
import { checkoutOf, type Priced, priceOf } from "./pricing.ts";
import { settlements } from "./settlements.ts";

export interface RetailerWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly catalogue: Catalogue;
  /** Stores of this retailer. */
  readonly stores: readonly string[];
  /** Requests a second that are answered; more are asked to wait. */
  readonly requests_per_second: number;
  /** What the service must present; without it anybody on this machine may ask. Secret. */
  readonly connector_key?: string;
  /** What the shop's own people present to sign shoppers up; without it nobody does. Secret. */
  readonly admin_key?: string;
  readonly vault?: Pick<Vault, "equal" | "sha256">;
  /** Whoever is not known becomes a customer when he first comes: a shop that anybody may enter. */
  readonly welcome?: boolean;
}

/** Bytes of a request: a thousand cart items. */
const most_bytes = 512 * 1024;

const { answers } = contract;

/** A trip with its price, as it is posted to the service. */
export interface Checkout {
  readonly trip: string;
  readonly store: string;
  readonly priced: Priced;
  readonly checkout: unknown;
}

/** The retailer over HTTP, and what it does by itself. */
export function retailer(world: RetailerWorld) {
  const app = new Hono();
  const allow = pace(world);
  app.use(bodyLimit({
    maxSize: most_bytes,
    onError: (context) => context.json(answers.invalid("body"), 413),
  }));
  app.use(async (context, next) => {
    if (!allow()) return context.json(answers.too_many, 429, { "retry-after": "1" });
    await next();
  });
  app.onError((error, context) => {
    world.log("error", "a request failed", { path: context.req.path, reason: error.message });
    return context.json(answers.failed, 500);
  });
  app.notFound((context) => context.json(answers.not_found, 404));
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  doorkeeper(app, world);
  identities(app, world);
  scans(app, world);
  purchases(app, world);
  disputes(app, world);
  return {
    fetch: (request: Request): Response | Promise<Response> => app.fetch(request),
    /** Bodies of `POST /v1/checkout/carts` for trips that wait, oldest first. */
    checkouts: (most = 100) => checkouts(world, most),
    /** Trips of which the service must hear that they are paid, oldest first. */
    settled: (most = 100) => checkouts(world, most, "settling"),
  };
}

/** At most so many requests in any second. */
function pace({ clock, requests_per_second }: RetailerWorld): () => boolean {
  let second = 0, count = 0;
  return () => {
    const now = Math.floor(clock.now_ms() / 1_000);
    if (now !== second) [second, count] = [now, 0];
    return ++count <= requests_per_second;
  };
}

/** The body if it keeps to the schema and names a store of ours, or the refusal. */
async function read<Of extends z.ZodType<{ storeId: string }>>(
  context: Context,
  schema: Of,
  stores: readonly string[],
): Promise<z.infer<Of> | Response> {
  const text = await context.req.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return context.json(answers.invalid("body"), 400);
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    return context.json(answers.invalid(parsed.error.issues[0]?.path.join(".") || "body"), 400);
  }
  return stores.includes(parsed.data.storeId)
    ? parsed.data
    : context.json(answers.invalid("storeId"), 400);
}

function textOf(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
}

/** The key that whoever asks must present, compared as hashes. */
function presents(
  { vault }: RetailerWorld,
  context: Context,
  key: string,
): boolean {
  const [, given = ""] = /^Bearer (.{1,400})$/.exec(context.req.header("authorization") ?? "") ??
    [];
  const hash = (text: string) => vault!.sha256(new TextEncoder().encode(text));
  return vault !== undefined && vault.equal(hash(given), hash(key));
}

/** Who may ask: the service with its key, and the shop's own people with theirs. */
function doorkeeper(app: Hono, world: RetailerWorld): void {
  const { connector_key, admin_key, ledger } = world;
  if (connector_key !== undefined) {
    app.use("/v1/*", async (context, next) => {
      if (!presents(world, context, connector_key)) return context.json(answers.forbidden, 403);
      await next();
    });
  }
  if (admin_key === undefined) return;
  for (const path of ["/accounts", "/settlements"]) {
    app.use(path, async (context, next) => {
      if (!presents(world, context, admin_key)) return context.json(answers.forbidden, 403);
      await next();
    });
  }
  settlements(app, ledger);
  app.post("/accounts", async (context) => {
    const parsed = contract.account.safeParse(await context.req.json().catch(() => null));
    if (!parsed.success) return context.json(answers.invalid("body"), 400);
    const { key, id, type, refused } = parsed.data;
    ledger.addAccount(key, { id, type });
    if (refused) ledger.refuse(id);
    return context.json({ id, type });
  });
}

function identities(app: Hono, world: RetailerWorld): void {
  const { ledger, stores } = world;
  app.post("/v1/identity/identity-keys", async (context) => {
    const body = await read(context, contract.verifyIdentityKeys, stores);
    if (body instanceof Response) return body;
    const request = `identity ${body.requestId.toLowerCase()}`;
    const before = ledger.decided(request);
    if (before !== undefined) {
      return context.body(before.body, before.status as 200, {
        "content-type": "application/json",
      });
    }
    const key = textOf(body.identityKey);
    if (world.welcome && !ledger.everKnown(key)) {
      ledger.addAccount(key, { id: `customer-${toHex(world.random.bytes(8))}`, type: "SHOPPER" });
    }
    const visitor = ledger.visitor(key);
    const admitted = visitor?.type === "SHOPPER" || visitor?.type === "ASSOCIATE";
    const status = admitted ? 200 : 401;
    const answer = admitted ? { visitorDetails: visitor } : answers.unknown_key;
    ledger.decide(request, status, JSON.stringify(answer));
    return context.json(answer, status);
  });
  app.post("/v1/identity/shopper", async (context) => {
    const body = await read(context, contract.getShopper, stores);
    if (body instanceof Response) return body;
    const visitor = ledger.visitor(textOf(body.shopperKey));
    return visitor?.type === "SHOPPER"
      ? context.json({ visitorDetails: visitor })
      : context.json(answers.not_found, 404);
  });
}

function scans(app: Hono, { ledger, stores, catalogue }: RetailerWorld): void {
  app.post("/v1/identity/scan", async (context) => {
    const body = await read(context, contract.resolveScan, stores);
    if (body instanceof Response) return body;
    const { id, value } = body.scanEvent;
    const visitor = ledger.visitor(value ?? "") ?? ledger.visitor(codeIn(id));
    return visitor === undefined
      ? context.json(answers.not_found, 404)
      : context.json({ scanResult: visitor });
  });
  app.post("/v1/identity/scan/details", async (context) => {
    const body = await read(context, contract.getScanDetails, stores);
    if (body instanceof Response) return body;
    if (!ledger.known(body.scanResult.id)) return context.json(answers.not_found, 404);
    const promotionIds = body.scanResult.type === "LOYALTY"
      ? catalogue.promotions.map(({ kind, sku }) => `${kind}-${sku}`)
      : [];
    return context.json({ provider: "retailer", promotionIds });
  });
}

/** A code that may be written as Base64. */
function codeIn(text: string): string {
  try {
    return textOf(text);
  } catch {
    return text;
  }
}

function purchases(app: Hono, world: RetailerWorld): void {
  const { ledger, stores } = world;
  app.post("/v1/order/purchases", async (context) => {
    const body = await read(context, contract.createPurchases, stores);
    if (body instanceof Response) return body;
    const trip = body.idempotentShoppingTripId;
    const before = ledger.purchase(trip);
    if (before !== undefined) return context.json({ purchaseId: before.id }, 201);
    const { sold, unknown } = soldIn(body, world.catalogue);
    const billed = body.shoppingTrip.authEvents.some(({ scanResult }) =>
      scanResult?.type !== "ASSOCIATE"
    );
    const purchase: Stored = {
      id: `p-${toHex(world.random.bytes(12))}`,
      store: body.storeId,
      body: JSON.stringify(body),
      ...stateOf(sold.length + unknown.length, unknown, billed),
    };
    ledger.book(trip, purchase, sold.map(({ product, units }) => ({ sku: product.sku, units })));
    return context.json({ purchaseId: purchase.id }, 201);
  });
}

/** Lines that were given back. Not published. */
function disputes(app: Hono, world: RetailerWorld): void {
  const { ledger, stores, catalogue } = world;
  app.post("/v1/order/disputes", async (context) => {
    const body = await read(context, contract.tellDispute, stores);
    if (body instanceof Response) return body;
    const { requestId, idempotentShoppingTripId: trip, externalIdentifiers, quantity } = body;
    if (ledger.purchase(trip)?.store !== body.storeId) {
      return context.json(answers.invalid("idempotentShoppingTripId"), 400);
    }
    const numbers = externalIdentifiers.map(({ id }) => id.padStart(13, "0"));
    const product = catalogue.products.find(({ gtin }) => numbers.includes(gtin));
    ledger.dispute(requestId, trip, product?.sku ?? null, Number(quantity.value));
    return context.json({}, 200);
  });
}

function stateOf(items: number, unknown: readonly string[], billed: boolean) {
  if (items === 0) return { state: "empty", why: null } as const;
  if (!billed) return { state: "unbilled", why: "an associate's trip" } as const;
  return unknown.length > 0
    ? { state: "odd", why: `not in the catalogue: ${unknown.join(", ")}` } as const
    : { state: "waiting", why: null } as const;
}

/** What a trip sold, by product, and what nobody knows; whole units only. */
function soldIn({ cartItems }: contract.Purchase, { products }: Catalogue) {
  const sold = new Map<Product, number>();
  const unknown: string[] = [];
  for (const { id, externalIdentifiers = [], quantity } of cartItems) {
    const numbers = [id, ...externalIdentifiers.map((external) => external.id)];
    const product = products.find(({ sku, gtin }) =>
      numbers.some((number) => number === sku || number.padStart(13, "0") === gtin)
    );
    const units = Number(quantity.value);
    if (product === undefined || !Number.isSafeInteger(units)) unknown.push(id);
    else if (units > 0) sold.set(product, (sold.get(product) ?? 0) + units);
  }
  return { sold: [...sold].map(([product, units]) => ({ product, units })), unknown };
}

function checkouts(
  { ledger, catalogue, log }: RetailerWorld,
  most: number,
  state: "waiting" | "settling" = "waiting",
): Checkout[] {
  return ledger.waiting(most, state).flatMap(({ trip, body }) => {
    try {
      const purchase = contract.createPurchases.parse(JSON.parse(body));
      const priced = priceOf(catalogue, soldIn(purchase, catalogue).sold);
      const checkout = checkoutOf(trip, purchase.storeId, priced);
      return [{ trip, store: purchase.storeId, priced, checkout }];
    } catch (error) {
      // As one of another release's book: it holds up no other.
      log("error", "a trip cannot be priced", { trip, reason: String(error) });
      ledger.setApart(trip, "it cannot be priced");
      return [];
    }
  });
}
