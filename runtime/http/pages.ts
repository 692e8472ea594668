/**
 * The pages that the gateway serves, out of the program itself: no build step, nothing fetched
 * from anywhere else, and no permission to read files.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Config } from "../config.ts";
import debugCss from "./pages/debug.css" with { type: "text" };
import debugHtml from "./pages/debug.html" with { type: "text" };
import actorJs from "./pages/actor.js" with { type: "text" };
import debugJs from "./pages/debug.js" with { type: "text" };
import decisionsJs from "./pages/decisions.js" with { type: "text" };
import displayCss from "./pages/display.css" with { type: "text" };
import displayHtml from "./pages/display.html" with { type: "text" };
import displayJs from "./pages/display.js" with { type: "text" };
import laneCss from "./pages/lane.css" with { type: "text" };
import laneHtml from "./pages/lane.html" with { type: "text" };
import laneJs from "./pages/lane.js" with { type: "text" };
import pageCss from "./pages/page.css" with { type: "text" };
import pageJs from "./pages/page.js" with { type: "text" };
import reviewsCss from "./pages/reviews.css" with { type: "text" };
import reviewsHtml from "./pages/reviews.html" with { type: "text" };
import reviewsJs from "./pages/reviews.js" with { type: "text" };
import sheetsJs from "./pages/sheets.js" with { type: "text" };
import shopperCss from "./pages/shopper.css" with { type: "text" };
import shopperHtml from "./pages/shopper.html" with { type: "text" };
import shopperJs from "./pages/shopper.js" with { type: "text" };
import signInJs from "./pages/sign_in.js" with { type: "text" };
import storeJs from "./pages/store.js" with { type: "text" };
import { problem } from "./problems.ts";

const html = "text/html; charset=utf-8";
const css = "text/css; charset=utf-8";
const js = "text/javascript; charset=utf-8";

const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
  "/debug/": [html, debugHtml],
  "/pages/page.css": [css, pageCss],
  "/pages/debug.css": [css, debugCss],
  "/pages/lane.css": [css, laneCss],
  "/pages/shopper.css": [css, shopperCss],
  "/pages/shopper.js": [js, shopperJs],
  "/pages/page.js": [js, pageJs],
  "/pages/debug.js": [js, debugJs],
  "/pages/store.js": [js, storeJs],
  "/pages/actor.js": [js, actorJs],
  "/pages/lane.js": [js, laneJs],
  "/pages/decisions.js": [js, decisionsJs],
  "/pages/sign_in.js": [js, signInJs],
  "/pages/reviews.css": [css, reviewsCss],
  "/pages/reviews.js": [js, reviewsJs],
  "/pages/sheets.js": [js, sheetsJs],
  "/pages/display.css": [css, displayCss],
  "/pages/display.js": [js, displayJs],
};

/** Adds the pages and their parts: `/debug/`, `/lane/{id}`, its shopper's side, displays, and
 * `/aisle/` in a store that has one. */
export function pageRoutes(app: OpenAPIHono, config: Config): void {
  for (const [path, [type, text]] of Object.entries(files)) {
    app.get(path, (context) => context.body(text, 200, { "content-type": type }));
  }
  app.get("/", (context) => context.redirect("/debug/"));
  app.get("/debug", (context) => context.redirect("/debug/"));
  for (const [path, text] of [["/lane/:lane", laneHtml], ["/lane/:lane/shopper", shopperHtml]]) {
    app.get(path!, (context) => {
      const known = config.lanes.some(({ id }) => id === context.req.param("lane"));
      if (known) return context.body(text!, 200, { "content-type": html });
      return problem(404, "not_found", "the store has no such lane; its lanes are in /debug/");
    });
  }
  app.get("/aisle", (context) => context.redirect("/aisle/"));
  app.get("/aisle/", (context) => {
    if (config.aisle !== undefined) return context.body(reviewsHtml, 200, { "content-type": html });
    return problem(404, "not_found", "this store has no walk-out aisle");
  });
  app.get("/display/:zone", (context) => {
    const known = config.displays.some(({ zone }) => zone === context.req.param("zone"));
    if (known) return context.body(displayHtml, 200, { "content-type": html });
    return problem(404, "not_found", "there is no display in that zone; the store names them");
  });
}
