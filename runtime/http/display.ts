/**
 * `/display/{zone}`: what stands on a zone's display, told to its page as it changes, and the word
 * of a scanner beside it that somebody holds a product before it.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Config, DisplayConfig } from "../config.ts";
import { gtin14 } from "../content/gtin.ts";
import type { Shelf } from "../content/shelf.ts";
import { contentView, productView, viewOf } from "../content/view.ts";
import type { Engine } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { answers, id, json, security } from "./lane_decisions.ts";
import { soon } from "./soon.ts";
import type { Streams } from "./streams.ts";

const tags = ["display"];
const zone = z.object({ zone: id });
const looked = z.strictObject({
  gtin: z.string().min(8).max(14).openapi({
    description: "The number under the bar code, 8, 12, 13 or 14 digits.",
    example: "9521234502593",
  }),
  visit: id.optional().openapi({ description: "Whose hands it is in, where that is known." }),
}).openapi("Looked");

const displayNow = z.object({
  zone: z.string(),
  name: z.string(),
  store: z.string(),
  languages: z.array(z.string()),
  state: z.string().nullable(),
  look: z.int().openapi({ description: "Counts what was looked at since the start." }),
  product: z.object({
    gtin: z.string(),
    name: z.string(),
    brand: z.string().nullable(),
    about: z.array(z.string()),
    text: z.string().nullable(),
  }).nullable(),
  picked: z.boolean().openapi({ description: "Taken from the shelf, not only held up." }),
  shown: contentView.extend({
    similarity: z.number(),
    since_ms: z.number(),
  }).nullable(),
  come_in: z.int().nullable().openapi({
    description: "How many may still come in at the zone's gate, while it is open.",
  }),
}).openapi("DisplayNow");
type DisplayNow = z.infer<typeof displayNow>;

const body = { "application/json": { schema: displayNow } };
const readNow = createRoute({
  method: "get",
  path: "/display/{zone}/now",
  summary: "What stands on a display",
  tags,
  security,
  request: { params: zone },
  responses: {
    200: { description: "The display as it is.", content: body },
    ...answers({ 404: "There is no such display." }),
  },
});
const look = createRoute({
  method: "post",
  path: "/display/{zone}/looks",
  summary: "Somebody holds a product before the display",
  tags,
  security,
  request: { params: zone, body: json(looked) },
  responses: {
    202: { description: "Taken; what goes with it follows at once.", content: body },
    ...answers({
      404: "There is no such display, or no such product in the catalogue.",
      422: "The number is no GTIN.",
      503: "The gateway cannot take this now.",
    }),
  },
});

export interface DisplayOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly shelf: Shelf;
  readonly streams: Streams;
}

const displayContext = z.object({
  look: z.int(),
  subject: z.object({ gtin: z.string(), picked: z.boolean() }).nullable(),
  shown: z.object({
    content: z.string(),
    entity: z.string(),
    similarity: z.number(),
    at_ms: z.number(),
  }).nullable(),
});

const gateContext = z.object({ people: z.int(), passed: z.int() });

/** How many may still come in where a gate of the zone is open; null while all are closed. */
function comeIn(
  { engine, config }: Pick<DisplayOptions, "engine" | "config">,
  zone: string,
): number | null {
  const still = gatesOf(config, zone).flatMap((gate) => {
    const view = engine.view(gate);
    if (view?.state !== "open") return [];
    const { people, passed } = gateContext.parse(view.context);
    return [people - passed];
  });
  return still.length === 0 ? null : Math.max(...still);
}

const gatesOf = ({ aisle }: Config, zone: string) =>
  (aisle?.gates ?? []).filter((gate) => gate.zone === zone).map(({ id }) => `gate/${id}` as const);

function displayOf(config: Config, zone: string): DisplayConfig {
  const found = config.displays.find((display) => display.zone === zone);
  if (found !== undefined) return found;
  throw new RuntimeError("not_found", "there is no display in that zone; the store names them");
}

/** The display as it is now. */
function nowOf({ engine, config, shelf }: DisplayOptions, display: DisplayConfig): DisplayNow {
  const view = engine.view(`display/${display.zone}`);
  const { look, subject, shown } = view === undefined
    ? { look: 0, subject: null, shown: null }
    : displayContext.parse(view.context);
  const gtin = subject?.gtin ?? "";
  const picked = subject?.picked ?? false;
  const seen = shown === null
    ? undefined
    : viewOf(shelf.library, { content: shown.content, entity: shown.entity, gtin, picked });
  return {
    zone: display.zone,
    name: config.zones.find(({ id }) => id === display.zone)?.name ?? display.zone,
    store: config.store.name,
    languages: display.languages,
    state: view === undefined ? null : String(view.state),
    look,
    product: toBody(productView(shelf.library, gtin, display.languages)),
    picked,
    shown: shown === null || seen === undefined
      ? null
      : { ...seen, similarity: shown.similarity, since_ms: shown.at_ms },
    come_in: comeIn({ engine, config }, display.zone),
  };
}

const toBody = (product: ReturnType<typeof productView>): DisplayNow["product"] =>
  product === undefined ? null : { ...product, about: [...product.about] };

/** Adds the display's routes. */
export function displayRoutes(app: OpenAPIHono, options: DisplayOptions): void {
  const { engine, config, shelf } = options;
  app.openapi(readNow, (context) => {
    const display = displayOf(config, context.req.valid("param").zone);
    return context.json(nowOf(options, display), 200);
  });
  app.openapi(look, async (context) => {
    const display = displayOf(config, context.req.valid("param").zone);
    const { gtin: digits, visit = null } = context.req.valid("json");
    const gtin = gtin14(digits);
    if (gtin === undefined) {
      throw new RuntimeError("request_invalid", "the number is no GTIN: its check digit is wrong");
    }
    if (!shelf.library.catalogue.products.has(gtin)) {
      throw new RuntimeError("not_found", `the catalogue has no product ${gtin}`);
    }
    const event = { type: "shopper.looked_at", gtin, visit };
    const { accepted } = await engine.post(`display/${display.zone}`, event);
    if (!accepted) throw new RuntimeError("overloaded", "the display takes nothing now; try again");
    return context.json(nowOf(options, display), 202);
  });
  displayEvents(app, options);
}

/** The same as `now`, again after each change that shows. */
function displayEvents(app: OpenAPIHono, options: DisplayOptions): void {
  const { engine, config, streams } = options;
  app.get("/display/:zone/events", (context) => {
    const display = displayOf(config, context.req.param("zone"));
    const watched = new Set<string>([`display/${display.zone}`, ...gatesOf(config, display.zone)]);
    return streams.open((tell, broken) => {
      let last = "";
      const show = () => {
        const data = nowOf(options, display);
        const text = JSON.stringify(data);
        if (text !== last) tell({ event: "now", data });
        last = text;
      };
      show();
      const showSoon = soon(show, broken);
      return engine.subscribe(({ address }) => {
        if (watched.has(address)) showSoon();
      });
    });
  });
}
