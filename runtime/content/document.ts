/**
 * Content as JSON-LD in the words of schema.org and the GS1 Web Vocabulary: product pages, offers,
 * recipes and notices. A strict subset is read: no context is ever loaded, terms keep their
 * vocabulary's own names or a prefix, and a document that uses more is refused with the reason.
 */
// long because a document's shape is read in one piece
import { decimalPlaces, minorUnits } from "../money.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { gtin14 } from "./gtin.ts";
import { isLanguage, type Language } from "./languages.ts";
import { tidyText } from "./words.ts";

export type ContentKind = "product" | "offer" | "recipe" | "notice";

export interface ContentPart {
  readonly field: "name" | "text" | "ingredients" | "steps";
  readonly text: string;
}

export interface ContentItem {
  /** An absolute IRI. */
  readonly id: string;
  readonly kind: ContentKind;
  readonly language: Language;
  /** The name first. */
  readonly parts: readonly ContentPart[];
  readonly gtin?: string;
  readonly brand?: string;
  readonly price?: { readonly amount_minor: number; readonly currency: string };
  /** For people whom the shop knows, who agreed to be shown such offers. */
  readonly personal: boolean;
  readonly from_ms?: number;
  readonly until_ms?: number;
}

const kinds: ReadonlyMap<string, ContentKind> = new Map([
  ["Product", "product"],
  ["gs1:Product", "product"],
  ["Offer", "offer"],
  ["Recipe", "recipe"],
  ["SpecialAnnouncement", "notice"],
]);
const schema = /^https?:\/\/schema\.org\/?$/;
const gs1 = /^https:\/\/(ref\.)?gs1\.org\/voc\/$/;
/** Keywords of JSON-LD that a document may use. */
const keywords = new Set(["@context", "@graph", "@id", "@type", "@language", "@value"]);

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** Throws `RuntimeError` of kind `request_invalid`. */
function refuse(where: string, what: string): never {
  throw new RuntimeError("request_invalid", `content ${where}: ${what}`);
}

interface Context {
  readonly language: string | undefined;
  readonly prefixes: ReadonlyMap<string, "schema" | "gs1">;
}

function contextOf(value: unknown, where: string): Context {
  let language: string | undefined;
  let known = false;
  const prefixes = new Map<string, "schema" | "gs1">();
  for (const part of list(value)) {
    if (typeof part === "string" && schema.test(part)) known = true;
    else if (isNode(part)) {
      for (const [term, meaning] of Object.entries(part)) {
        const iri = typeof meaning === "string" ? meaning : "";
        if (term === "@language" && iri !== "") language = iri;
        else if (term === "@vocab" && schema.test(iri)) known = true;
        else if (/^[a-z][a-z0-9]{0,19}$/.test(term) && gs1.test(iri)) prefixes.set(term, "gs1");
        else if (/^[a-z][a-z0-9]{0,19}$/.test(term) && schema.test(iri)) {
          prefixes.set(term, "schema");
        } else refuse(where, `the context's ${term.slice(0, 40)} is not understood; leave it out`);
      }
    } else refuse(where, "contexts are not loaded; name https://schema.org or give prefixes");
  }
  if (!known && prefixes.size === 0) refuse(where, "it has no @context; begin with schema.org's");
  return { language, prefixes };
}

/** `schema:name` and `https://schema.org/name` as `name`; GS1's terms as `gs1:TERM`. */
function term(name: string, { prefixes }: Context): string {
  const full = /^https?:\/\/schema\.org\/([A-Za-z0-9]+)$/.exec(name);
  if (full) return full[1]!;
  const voc = /^https:\/\/(?:ref\.)?gs1\.org\/voc\/([A-Za-z0-9]+)$/.exec(name);
  if (voc) return `gs1:${voc[1]}`;
  const [prefix = "", rest] = name.split(":", 2);
  const meaning = rest === undefined ? undefined : prefixes.get(prefix);
  if (meaning === undefined) return name;
  return meaning === "gs1" ? `gs1:${rest}` : rest!;
}

/** A node with its terms in one spelling. */
function plain(value: unknown, context: Context, where: string, depth = 0): unknown {
  if (depth > limits.content_depth) refuse(where, "it is nested too deeply");
  if (Array.isArray(value)) {
    if (value.length > limits.content_list) refuse(where, "a list in it is too long");
    return value.map((one) => plain(one, context, where, depth + 1));
  }
  if (!isNode(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    if (name.startsWith("@") && !keywords.has(name)) {
      refuse(where, `${name.slice(0, 40)} is not read here; write the node out plainly`);
    }
    if (depth > 0 && name === "@context") refuse(where, "only the document may have a @context");
    return [term(name, context), plain(inner, context, where, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** Texts in the item's language: plain ones, and values that are said to be in it. */
function textsOf(value: unknown, language: string): string[] {
  return list(value).flatMap((one): string[] => {
    if (typeof one === "string") return [tidyText(one)];
    if (!isNode(one)) return [];
    const said = one["@language"];
    const ours = said === undefined || String(said).toLowerCase().split("-")[0] === language;
    if (typeof one["@value"] === "string") return ours ? [tidyText(one["@value"])] : [];
    return textsOf(one["text"] ?? one["itemListElement"] ?? one["name"], language);
  }).filter((text) => text !== "");
}

/** The first of these terms that says something. */
const firstOf = (node: Node, ...terms: readonly string[]) =>
  terms.map((name) => node[name]).find((value) => value !== undefined && value !== null);

const gtinTerms = ["gtin", "gtin14", "gtin13", "gtin12", "gtin8", "gs1:gtin"];

function gtinOf(node: Node, where: string): string | undefined {
  const written = firstOf(node, ...gtinTerms);
  if (written === undefined) return undefined;
  const number = typeof written === "string" ? gtin14(written) : undefined;
  return number ?? refuse(where, "its GTIN is not 8, 12, 13 or 14 digits with a right check digit");
}

function timeOf(node: Node, name: string, where: string): number | undefined {
  const written = node[name];
  if (written === undefined) return undefined;
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/;
  const at_ms = typeof written === "string" && form.test(written) ? Date.parse(written) : NaN;
  if (Number.isFinite(at_ms)) return at_ms;
  return refuse(where, `${name} must be a date with time and offset: 2026-11-30T20:00:00+01:00`);
}

function priceOf(node: Node, where: string): ContentItem["price"] {
  const { price, priceCurrency: currency } = node;
  if (price === undefined) return undefined;
  const amount = String(price);
  if (
    typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency) ||
    !/^\d{1,8}(?:\.\d{1,3})?$/.test(amount)
  ) return refuse(where, "its price must be digits like 4.99, with priceCurrency like EUR");
  const amount_minor = minorUnits(amount, currency);
  if (amount_minor === undefined) {
    return refuse(where, `${currency} has ${decimalPlaces(currency)} decimal places`);
  }
  return { amount_minor, currency };
}

const fields: Readonly<Record<ContentPart["field"], readonly string[]>> = {
  name: ["name", "headline", "gs1:productName"],
  text: ["description", "text", "gs1:productDescription"],
  ingredients: ["recipeIngredient", "gs1:ingredientStatement"],
  steps: ["recipeInstructions"],
};

function partsOf(node: Node, language: string, where: string): ContentPart[] {
  const parts = Object.entries(fields).flatMap(([field, terms]): ContentPart[] => {
    const text = terms.flatMap((name) => textsOf(node[name], language)).map(closed).join(" ");
    return text === "" ? [] : [{ field: field as ContentPart["field"], text }];
  });
  const [name, ...rest] = parts;
  if (name?.field !== "name") refuse(where, `it has no name in its language (${language})`);
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  if (length > limits.content_characters) {
    refuse(where, `it has more than ${limits.content_characters} characters of text`);
  }
  return [{ ...name, text: name.text.replace(/\.$/, "") }, ...rest];
}

/** Ingredients and steps are sentences of their own. */
const closed = (text: string) => /[.!?]$/.test(text) ? text : `${text}.`;

function itemOf(node: Node, context: Context, where: string): ContentItem {
  const id = node["@id"];
  if (typeof id !== "string" || id.length > 200 || !URL.canParse(id)) {
    return refuse(where, "it needs an @id, an absolute address of at most 200 characters");
  }
  const at = `${where} ${id}`;
  const types = list(node["@type"]).map((name) => term(String(name), context));
  const kind = types.map((name) => kinds.get(name)).find((found) => found !== undefined);
  if (kind === undefined) {
    return refuse(at, "its @type must be Product, Offer, Recipe or SpecialAnnouncement");
  }
  const tag = String(node["inLanguage"] ?? context.language ?? "").toLowerCase().split("-")[0]!;
  if (!isLanguage(tag)) {
    return refuse(
      at,
      "its language must be en, de, fr or es: inLanguage, or @language in @context",
    );
  }
  const offered = isNode(node["itemOffered"]) ? node["itemOffered"] : {};
  const gtin = gtinOf(node, at) ?? gtinOf(offered, at);
  const [brand] = textsOf(firstOf(node, "brand", "gs1:brand") ?? offered["brand"], tag);
  const from_ms = timeOf(node, "validFrom", at) ?? timeOf(node, "datePosted", at);
  const until_ms = timeOf(node, "validThrough", at) ?? timeOf(node, "expires", at);
  const price = priceOf(node, at);
  return {
    id,
    kind,
    language: tag,
    parts: partsOf(node, tag, at),
    ...(gtin === undefined ? {} : { gtin }),
    ...(brand === undefined ? {} : { brand }),
    ...(price === undefined ? {} : { price }),
    personal: node["validForMemberTier"] !== undefined,
    ...(from_ms === undefined ? {} : { from_ms }),
    ...(until_ms === undefined ? {} : { until_ms }),
  };
}

/** The items of a parsed document: one node, or those of its `@graph`. */
export function contentOf(value: unknown, where: string): ContentItem[] {
  if (!isNode(value)) return refuse(where, "it is no JSON object");
  const context = contextOf(value["@context"], where);
  const node = plain(value, context, where) as Node;
  const nodes = node["@graph"] === undefined ? [node] : list(node["@graph"]);
  return nodes.map((one, place) => {
    const at = nodes.length === 1 ? where : `${where}[${place}]`;
    return isNode(one) ? itemOf(one, context, at) : refuse(at, "it is no JSON object");
  });
}

/** The items of a document's text. Throws `RuntimeError` of kind `request_invalid`. */
export function parseContent(text: string, where: string): ContentItem[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse(where, "it is not JSON; look for a missing comma, quote or bracket");
  }
  return contentOf(value, where);
}
