/**
 * The issuer's HTTP face: each route of the contract, bound to the room that answers it.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { z } from "zod";
import { fromUtf8, toBase64url } from "../../../runtime/vault/bytes.ts";
import { type RouteName, routes } from "../../../runtime/sync/contract/routes.ts";
import type { RequestParts } from "../../../runtime/sync/contract/signatures.ts";
import { Refusal } from "../refusal.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { House } from "../world.ts";
import { Authority, type Principal, who } from "./authority.ts";
import { describe, documentOf } from "./describe.ts";
import type { Envelope, Variables } from "./envelope.ts";
import { keyedRequest } from "./keyed.ts";
import { problemAnswer, problemOf } from "./problem.ts";

type Routes = typeof routes;
type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Answer<Schema> = Schema extends z.ZodType ? z.output<Schema> : never;

/** A request whose sender is proved and whose body is what the contract says. */
interface Asked<Name extends RouteName> {
  readonly body: Parsed<Routes[Name]["request"]>;
  readonly query: Parsed<Routes[Name]["query"]>;
  readonly path: Readonly<Record<string, string>>;
  readonly principal: Principal;
  readonly parts: RequestParts;
}

type JsonRoute = Exclude<RouteName, "feed">;
type Handlers = {
  readonly [Name in JsonRoute]: (
    asked: Asked<Name>,
  ) => Answer<Routes[Name]["answer"]> | Promise<Answer<Routes[Name]["answer"]>>;
};

function handlersOf(house: House, rooms: Rooms): Handlers {
  const { accounts, merchants, beacons, checkIns, payments, ledger, idempotency } = rooms;
  const all = <T>(change: () => T): T => house.store.transaction(change);
  const key = (asked: { principal: Principal; parts: RequestParts }) =>
    keyedRequest(house.vault, asked.principal, asked.parts);
  const visit = (asked: { path: Readonly<Record<string, string>> }) => asked.path.check_in ?? "";
  return {
    keys: () => ({
      signing_public_key: toBase64url(house.signing.publicKey),
      sealing_public_key: toBase64url(house.sealing.publicKey),
    }),
    openAccount: (asked) =>
      idempotency.once(key(asked), {
        begin: () => ({ answer: accounts.open(asked.principal.name, asked.body) }),
      }),
    giveConsent: ({ principal, body }) => all(() => accounts.giveConsent(principal.name, body)),
    putTemplate: ({ principal, body }) => all(() => accounts.putTemplate(principal.name, body)),
    checkIn: ({ principal, body }) => all(() => checkIns.open(principal.name, body)),
    renew: (asked) => all(() => checkIns.renew(asked.principal.name, visit(asked), asked.body)),
    giveTokens: (asked) =>
      all(() => checkIns.giveTokens(asked.principal.name, visit(asked), asked.body.tokens)),
    leave: (asked) => all(() => checkIns.leave(asked.principal.name, visit(asked))),
    receipts: ({ principal, query }) => ledger.receipts(principal.name, query.after),
    registerMerchant: ({ body }) => all(() => merchants.registerMerchant(body)),
    registerStore: ({ body }) => all(() => merchants.registerStore(body)),
    registerGateway: ({ body }) => all(() => merchants.registerGateway(body)),
    enrolGateway: ({ principal, body }) => all(() => merchants.enrol(principal.name, body)),
    registerBeacons: ({ principal, body }) =>
      all(() => beacons.register(principal.name, body.hardware_ids)),
    askAccountData: ({ principal, body }) => all(() => checkIns.accountData(principal.name, body)),
    authorise: (asked) => payments.authorise(asked.principal.name, key(asked), asked.body),
    capture: (asked) => payments.capture(asked.principal.name, key(asked), asked.body),
    reverse: (asked) => payments.reverse(asked.principal.name, key(asked), asked.body),
    ledger: ({ principal, query }) => ledger.page(principal.name, query.after),
  };
}

/** The app and its document; `envelope` is closed by whoever stops the issuer. */
export function issuerApp(house: House, rooms: Rooms, envelope: Envelope): OpenAPIHono<Variables> {
  const app = new OpenAPIHono<Variables>();
  const authority = new Authority(house, rooms.accounts, rooms.merchants);
  const handlers = handlersOf(house, rooms);
  app.use("*", envelope.middleware);
  app.notFound(() => problemAnswer("not_found"));
  app.onError((error) => problemOf(error, house.log));

  for (const name of Object.keys(routes) as RouteName[]) {
    describe(app, name);
    const path = routes[name].path.replace(/\{(\w+)\}/g, ":$1");
    app.on(routes[name].method, path, async (context) => {
      const asked = askedOf(authority, name, context);
      if (name === "feed") return feedAnswer(rooms, context, asked as Asked<"feed">);
      const handler = handlers[name] as (asked: Asked<RouteName>) => unknown;
      return context.json(await handler(asked));
    });
  }
  const document = documentOf(app);
  app.get("/openapi.json", (context) => context.json(document));
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  return app;
}

/** Who asks is settled before what is asked is looked at. */
function askedOf<Name extends RouteName>(
  authority: Authority,
  name: Name,
  context: Context<Variables>,
): Asked<Name> {
  const parts = context.get("parts");
  const principal = authority.check(who[name], parts);
  return {
    principal,
    parts,
    path: context.req.param() as Record<string, string>,
    query: parsed(routes[name].query, () => context.req.query()),
    body: parsed(routes[name].request, () => json(parts)),
  } as unknown as Asked<Name>;
}

function json({ headers, body }: RequestParts): unknown {
  const [type] = (headers.get("content-type") ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/json") {
    throw new Refusal("content_type_unsupported");
  }
  try {
    return JSON.parse(fromUtf8(body) ?? "");
  } catch {
    throw new Refusal("request_invalid", "The body is not JSON");
  }
}

function parsed(schema: z.ZodType | undefined, read: () => unknown): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(read());
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  throw new Refusal("request_invalid", `${place}${issue?.message ?? "not what the contract says"}`);
}

function feedAnswer(rooms: Rooms, context: Context<Variables>, asked: Asked<"feed">): Response {
  const last = context.req.header("last-event-id");
  const after = last !== undefined && /^\d{1,15}$/.test(last) ? Number(last) : asked.query.after;
  const headers = { "content-type": "text/event-stream" };
  return new Response(rooms.feed.open(asked.principal.name, after), { headers });
}
