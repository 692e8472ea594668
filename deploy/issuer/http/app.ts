/**
 * The issuer's HTTP face: each route of the contract, bound to the room that answers it.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { z } from "zod";
import { fromUtf8 } from "../../../runtime/vault/bytes.ts";
import { allowedAt } from "../../../runtime/http/absent.ts";
import { type RouteName, routes } from "../../../runtime/sync/contract/routes.ts";
import type { RequestParts } from "../../../runtime/sync/contract/signatures.ts";
import type { Authority } from "../authority.ts";
import { type Asked, type Calls, keyed } from "../calls.ts";
import type { Connector } from "../connector.ts";
import { Refusal } from "../refusal.ts";
import { connectorRoutes } from "./connector.ts";
import type { Feed } from "../rooms/feed.ts";
import type { House } from "../world.ts";
import { credentialsOf, onceOf } from "./credentials.ts";
import { describe, documentOf } from "./describe.ts";
import type { Envelope, Variables } from "./envelope.ts";
import { feedStream } from "./feed_stream.ts";
import { problemAnswer, problemOf } from "./problem.ts";

/** What the issuer is, to a wire. */
export interface Core {
  readonly authority: Authority;
  readonly calls: Calls;
  readonly feed: Feed;
  readonly connector: Connector;
}

/** What hono hears of an answer that the envelope makes of JSON. */
const toldBesides = new Response(null);

/** The app and its document; `envelope` is closed by whoever stops the issuer. */
export function issuerApp(house: House, core: Core, envelope: Envelope): OpenAPIHono<Variables> {
  const app = new OpenAPIHono<Variables>();
  app.use("*", envelope.middleware);
  app.notFound(({ req }) => absent(app, req.path));
  app.onError((error) => problemOf(error, house.log));

  for (const name of Object.keys(routes) as RouteName[]) {
    describe(app, name);
    const path = routes[name].path.replace(/\{(\w+)\}/g, ":$1");
    app.on(routes[name].method, path, async (context) => {
      const asked = askedOf(house, core.authority, name, context);
      if (name === "feed") return feedAnswer(house, core.feed, context, asked as Asked<"feed">);
      const call = core.calls[name] as (asked: Asked<RouteName>) => unknown;
      context.set("told", JSON.stringify(await call(asked)));
      return toldBesides;
    });
  }
  connectorRoutes(app, house, core);
  let document: Record<string, unknown> | undefined;
  app.get("/openapi.json", (context) => context.json(document ??= documentOf(app)));
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  return app;
}

/** Nothing is there, or something that takes other methods. */
function absent(app: OpenAPIHono<Variables>, path: string): Response {
  const allow = allowedAt(app, path);
  if (allow === undefined) return problemAnswer("not_found");
  const answer = problemAnswer("method_not_allowed", `It takes ${allow}`);
  answer.headers.set("allow", allow);
  return answer;
}

/** Who asks is settled before what is asked is looked at. */
function askedOf<Name extends RouteName>(
  { vault }: House,
  authority: Authority,
  name: Name,
  context: Context<Variables>,
): Asked<Name> {
  const parts = context.get("parts");
  const principal = authority.check(name, credentialsOf(vault, parts));
  const from = context.env?.from;
  return {
    principal,
    ...(from === undefined ? {} : { from }),
    path: context.req.param() as Record<string, string>,
    query: parsed(routes[name].query, () => context.req.query()),
    body: parsed(routes[name].request, () => json(parts)),
    ...(keyed.has(name) ? { once: onceOf(vault, parts) } : {}),
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

function feedAnswer(
  house: House,
  feed: Feed,
  context: Context<Variables>,
  asked: Asked<"feed">,
): Response {
  const last = context.req.header("last-event-id");
  const after = last !== undefined && /^\d{1,15}$/.test(last) ? Number(last) : asked.query.after;
  const headers = { "content-type": "text/event-stream" };
  return new Response(feedStream(house, feed.open(asked.principal.name, after)), { headers });
}
