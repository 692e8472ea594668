/**
 * A problem as a page, for whoever opens an address in a browser: the same words that a program
 * gets as JSON, and the pages that there are.
 */
import type { MiddlewareHandler } from "hono";
import { accepts } from "hono/accepts";
import { html } from "hono/html";
import type { Config } from "../config.ts";
import { problemBody, problemType } from "./problems.ts";

interface Place {
  readonly path: string;
  readonly name: string;
}

/** What is no secret: it is the same in all stores. */
export const publicPlaces: readonly Place[] = [
  { path: "/debug/", name: "The store and all that happens in it" },
  { path: "/openapi.json", name: "The interface for programs" },
];

/** The pages of a store. */
export function placesOf({ lanes, displays, zones, aisle }: Config): readonly Place[] {
  return [
    ...publicPlaces,
    ...lanes.flatMap(({ id, name }) => [
      { path: `/lane/${id}`, name: `${name}, for the operator` },
      { path: `/lane/${id}/shopper`, name: `${name}, for the shopper` },
    ]),
    ...displays.map(({ zone }) => ({
      path: `/display/${zone}`,
      name: `Display of ${zones.find(({ id }) => id === zone)?.name ?? zone}`,
    })),
    ...aisle === undefined ? [] : [{ path: "/aisle/", name: "Carts to look at" }],
  ];
}

const page = ({ title, detail }: { title: string; detail: string }, places: readonly Place[]) =>
  html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/pages/page.css">
      </head>
      <body>
        <main class="problem">
          <h1>${title}</h1>
          <p>${detail}</p>
          <h2>What there is</h2>
          <ul>${places.map(({ path, name }) =>
            html`
              <li><a href="${path}">${name}</a> <span class="soft">${path}</span></li>
            `
          )}
          </ul>
        </main>
      </body>
    </html>
  `;

/** Makes pages of problems for those who would rather have one. */
export function problemPages(places: readonly Place[]): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (context.res.headers.get("content-type") !== problemType) return;
    const wanted = accepts(context, {
      header: "Accept",
      supports: [problemType, "application/json", "text/html"],
      default: problemType,
    });
    if (wanted !== "text/html") return;
    const told = problemBody.parse(await context.res.json());
    context.res = await context.html(page(told, places), told.status as 404);
  };
}
