/** `/operators/…`: operators sign in with a PIN, and out. A page keeps the session in a cookie that
 * its scripts cannot read; a till sends it as `x-operator-session`. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { answers, id, json } from "./lane_decisions.ts";
import type { Operators } from "./operators.ts";

const cookie = "operator_session";
const header = "x-operator-session";
const tags = ["operators"];
const security = [{ key: [] }, {}];

const who = z.object({
  operator: z.string(),
  name: z.string(),
  expires_at_ms: z.int().openapi({
    description: "Over then at the latest; sooner when nothing is decided for a while.",
  }),
}).openapi("OperatorSession");
const signedIn = who.extend({
  session: z.string().openapi({ description: "Secret: for `x-operator-session`." }),
}).openapi("OperatorSignedIn");

const signIn = createRoute({
  method: "post",
  path: "/operators/sessions",
  summary: "Sign in",
  tags,
  security,
  request: { body: json(z.strictObject({ operator: id, pin: z.string().min(1).max(200) })) },
  responses: {
    200: {
      description: "Signed in; the cookie holds the session as well.",
      content: { "application/json": { schema: signedIn } },
    },
    ...answers({ 401: "They do not fit, or too many did not before." }),
  },
});
const read = createRoute({
  method: "get",
  path: "/operators/session",
  summary: "Who is signed in",
  tags,
  security,
  responses: {
    200: { description: "They are.", content: { "application/json": { schema: who } } },
    ...answers({ 401: "Nobody is." }),
  },
});
const signOut = createRoute({
  method: "delete",
  path: "/operators/session",
  summary: "Sign out",
  tags,
  security,
  responses: { 204: { description: "Nobody is signed in any more." } },
});

const tokenOf = (context: Context) => context.req.header(header) ?? getCookie(context, cookie);

/** Who decides; throws `RuntimeError` `unauthorised` when nobody has signed in. */
export type SignedIn = (context: Context) => string;

/** Adds the routes. */
export function operatorRoutes(app: OpenAPIHono, operators: Operators): SignedIn {
  app.openapi(signIn, (context) => {
    const { operator, pin } = context.req.valid("json");
    const { token, ...session } = operators.signIn(operator, pin);
    setCookie(context, cookie, token, {
      httpOnly: true,
      sameSite: "Strict",
      secure: new URL(context.req.url).protocol === "https:",
      path: "/",
    });
    return context.json({ ...session, session: token }, 200);
  });
  app.openapi(read, (context) => context.json(operators.of(tokenOf(context)), 200));
  app.openapi(signOut, (context) => {
    operators.end(tokenOf(context));
    deleteCookie(context, cookie, { path: "/" });
    return context.body(null, 204);
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "operator", {
    type: "apiKey",
    in: "header",
    name: header,
    description: "The session of a signed-in operator; a page has it in a cookie.",
  });
  return (context) => operators.of(tokenOf(context)).operator;
}
