/** What is said of a place where nothing answers: that it is none, or which methods it takes. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { problem } from "./problems.ts";

/** Whether a route's pattern (`/lane/:lane/sales`) is of this path. */
function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  return wanted.length === given.length &&
    wanted.every((part, at) => part.startsWith(":") ? given[at] !== "" : part === given[at]);
}

/** The methods that this path takes, as `Allow` lists them (RFC 9110, 10.2.1); undefined where
 * nothing answers at all. */
export function allowedAt(
  { routes }: { readonly routes: readonly { readonly method: string; readonly path: string }[] },
  path: string,
): string | undefined {
  const there = routes.filter((route) => route.method !== "ALL" && fits(route.path, path));
  const methods = new Set(there.map(({ method }) => method));
  return methods.size === 0 ? undefined : [...methods].sort().join(", ");
}

export function absent(app: OpenAPIHono): (context: Context) => Response {
  return ({ req: { path } }) => {
    const allow = allowedAt(app, path);
    if (allow === undefined) {
      return problem(404, "not_found", "look in /openapi.json for what there is");
    }
    return problem(405, "method_not_allowed", `this takes ${allow}`, { allow });
  };
}
