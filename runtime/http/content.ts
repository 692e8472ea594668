/**
 * `/content`: what the store shows beside its goods: listed with what it was found to be about, put
 * and taken out; and what any text is about, for those who write.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AnnotatedItem } from "../content/library.ts";
import type { Shelf } from "../content/shelf.ts";
import { answers, json, security } from "./lane_decisions.ts";

const tags = ["content"];
const itemBody = z.object({
  id: z.string(),
  kind: z.enum(["product", "offer", "recipe", "notice"]),
  language: z.string(),
  name: z.string(),
  personal: z.boolean(),
  about: z.array(z.object({ entity: z.string(), score: z.number() })).openapi({
    description: "What it was found to be about, surest first.",
  }),
}).openapi("ContentItem");
const mention = z.object({
  entity: z.string(),
  start: z.int(),
  end: z.int(),
  score: z.number(),
});

const listItems = createRoute({
  method: "get",
  path: "/content",
  summary: "All content, with what it is about",
  tags,
  security,
  request: {
    query: z.object({
      from: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(200).default(100),
    }),
  },
  responses: {
    200: {
      description: "A page of it, in the order in which it came.",
      content: {
        "application/json": { schema: z.object({ items: z.array(itemBody), total: z.int() }) },
      },
    },
  },
});
const document = z.record(z.string(), z.unknown());
const putItem = createRoute({
  method: "put",
  path: "/content",
  summary: "Put an item in, or in place of the one of its @id",
  tags,
  security,
  request: {
    body: {
      required: true,
      content: {
        "application/ld+json": { schema: document },
        "application/json": { schema: document },
      },
    },
  },
  responses: {
    200: {
      description: "Kept, and found to be about this.",
      content: { "application/json": { schema: itemBody } },
    },
    ...answers({
      409: "The item comes from a file of the configuration.",
      422: "It is no content; the detail says why.",
      503: "There is no room.",
    }),
  },
});
const removeItem = createRoute({
  method: "delete",
  path: "/content",
  summary: "Take an item out",
  tags,
  security,
  request: { query: z.object({ id: z.string().min(1).max(200) }) },
  responses: {
    204: { description: "It is gone." },
    ...answers({ 404: "There is none.", 409: "It comes from a file of the configuration." }),
  },
});
const annotate = createRoute({
  method: "post",
  path: "/content/annotations",
  summary: "What a text is about",
  tags,
  security,
  request: {
    body: json(
      z.strictObject({
        text: z.string().min(1).max(8_000),
        language: z.enum(["en", "de", "fr", "es"]),
      }).openapi("TextToAnnotate"),
    ),
  },
  responses: {
    200: {
      description: "Things and their places in the text, invisible characters taken out.",
      content: { "application/json": { schema: z.object({ mentions: z.array(mention) }) } },
    },
  },
});

function bodyOf({ item, annotation }: AnnotatedItem): z.infer<typeof itemBody> {
  const { id, kind, language, personal, parts } = item;
  const about = [...annotation].map(([entity, score]) => ({ entity, score }))
    .sort((a, b) => b.score - a.score);
  return { id, kind, language, name: parts[0]?.text ?? "", personal, about };
}

/** Adds the content's routes. */
export function contentRoutes(app: OpenAPIHono, shelf: Shelf): void {
  const { library } = shelf;
  app.openapi(listItems, (context) => {
    const { from, limit } = context.req.valid("query");
    const items = library.items().slice(from, from + limit).map(bodyOf);
    return context.json({ items, total: library.size }, 200);
  });
  app.openapi(
    putItem,
    (context) => context.json(bodyOf(shelf.put(context.req.valid("json"))), 200),
  );
  app.openapi(removeItem, (context) => {
    shelf.remove(context.req.valid("query").id);
    return context.body(null, 204);
  });
  app.openapi(annotate, (context) => {
    const { text, language } = context.req.valid("json");
    return context.json({ mentions: [...library.mentions(text, language)] }, 200);
  });
}
