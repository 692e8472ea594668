/**
 * Who may speak to the gateway: a browser that was lured here under another name is turned away,
 * other sites' pages are too, and where the store has a key it must be presented.
 */
import type { Context, MiddlewareHandler } from "hono";
import { isLoopback } from "../config.ts";
import type { Vault } from "../world.ts";
import { problem } from "./problems.ts";

const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
};

/** Whoever asks for the head alone takes no body: one that would go on for ever is let go. */
export function headOnly(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (context.req.method === "HEAD") await context.res.body?.cancel();
  };
}

/** Puts the security headers on every answer, problems included. */
export function headers(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  };
}

const isAddress = (name: string) => /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || name.startsWith("[");

/** `name[:port]` without its port; undefined when it is no host at all. */
function hostName(host: string): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/.exec(host)?.[1]?.toLowerCase();
}

/**
 * Refuses requests that name a host the gateway does not have. A page that had its own name
 * resolved to this machine (DNS rebinding) still says its own name; a bare address cannot be
 * rebound, so any is good where the gateway listens beyond this machine.
 */
export function host(own: string, names: readonly string[]): MiddlewareHandler {
  const known = new Set([own, ...names].map((name) => name.toLowerCase()));
  const anyAddress = !isLoopback(own);
  return async (context, next) => {
    const given = context.req.header("host") ?? new URL(context.req.url).host;
    const name = hostName(given);
    if (
      name !== undefined &&
      (isLoopback(name) || known.has(name) || (anyAddress && isAddress(name)))
    ) return await next();
    return problem(
      421,
      "host_unknown",
      "the gateway has no such name; use its address, or add the name to http.names",
    );
  };
}

/** Refuses what another site's page sends: browsers say where a request comes from. */
export function sameSite(): MiddlewareHandler {
  return async (context, next) => {
    const refused = () =>
      problem(403, "cross_site", "pages of other sites may not use the gateway");
    const site = context.req.header("sec-fetch-site");
    const opening = context.req.header("sec-fetch-mode") === "navigate" &&
      context.req.method === "GET";
    if (site === "cross-site" && !opening) return refused();
    const origin = context.req.header("origin");
    if (origin !== undefined) {
      const own = context.req.header("host") ?? new URL(context.req.url).host;
      if (!URL.canParse(origin) || new URL(origin).host !== own) return refused();
    }
    return await next();
  };
}

/** The key out of `Bearer KEY`, or out of `Basic` as browsers send it (any name, key as password).
 */
function presentedKey(context: Context): string | undefined {
  const [, scheme = "", rest = ""] =
    /^(bearer|basic) +(\S+)$/i.exec(context.req.header("authorization") ?? "") ?? [];
  if (scheme.toLowerCase() !== "basic") return rest || undefined;
  try {
    return /^[^:]*:(.*)$/s.exec(atob(rest))?.[1];
  } catch {
    return undefined;
  }
}

/** Wants the store's key, where it has one. Compared as hashes, in time that tells nothing. */
export function key(vault: Pick<Vault, "equal" | "sha256">, posKey: string | undefined) {
  const encoder = new TextEncoder();
  const wanted = posKey === undefined ? undefined : vault.sha256(encoder.encode(posKey));
  const handler: MiddlewareHandler = async (context, next) => {
    if (wanted === undefined) return await next();
    const given = presentedKey(context);
    if (given !== undefined && vault.equal(wanted, vault.sha256(encoder.encode(given)))) {
      return await next();
    }
    return problem(
      401,
      "unauthorised",
      "send the key that the configuration names (http.pos_key) as `authorization: Bearer KEY`",
      { "www-authenticate": 'Basic realm="Saunter gateway", charset="UTF-8"' },
    );
  };
  return handler;
}

/** Bodies are JSON, and are said to be: browsers cannot claim that across sites unasked. */
export function jsonOnly(): MiddlewareHandler {
  return async (context, next) => {
    const type = (context.req.header("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
    if (context.req.method !== "POST" || type === "application/json") return await next();
    return problem(415, "content_type", "send `content-type: application/json`");
  };
}
