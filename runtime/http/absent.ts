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

export function absent(app: OpenAPIHono): (context: Context) => Response {
  return ({ req: { path } }) => {
    const there = app.routes.filter((route) => route.method !== "ALL" && fits(route.path, path));
    const methods = [...new Set(there.map(({ method }) => method))].sort();
    if (methods.length === 0) {
      return problem(404, "not_found", "look in /openapi.json for what there is");
    }
    const allow = methods.join(", ");
    return problem(405, "method_not_allowed", `this takes ${allow}`, { allow });
  };
}
