// @ts-check
/// <reference lib="dom" />
/**
 * The page of a zone's display: the product that somebody holds, beside it what goes with it, with
 * the thing that links the two marked, and why it is shown; and how many may come in while the
 * zone's gate is open.
 */
import { at, fill, follow, make, money } from "./page.js";

/** @typedef {{ text: string, mark: boolean }[]} Segments */
/**
 * @typedef {{ zone: string, name: string, store: string, languages: string[], picked: boolean,
 *   come_in: number | null,
 *   product: null | { gtin: string, name: string, brand: string | null, about: string[],
 *     text: string | null },
 *   shown: null | { kind: string, language: string, name: Segments, text: Segments,
 *     ingredients: Segments, price: null | { amount_minor: number, currency: string },
 *     link: { label: string }, why: string } }} Now
 */

/** The page's own words. @type {Record<string, Record<string, string>>} */
const words = {
  en: {
    idle: "Hold a product before the scanner",
    welcome: "Come in",
    company: "{n} of you may come in",
    held: "You are looking at",
    picked: "You took",
    why: "Why do I see this?",
    product: "Product",
    offer: "Offer",
    recipe: "Recipe",
    notice: "Notice",
  },
  de: {
    idle: "Halten Sie ein Produkt vor den Scanner",
    welcome: "Kommen Sie herein",
    company: "{n} von Ihnen können hereinkommen",
    held: "Sie sehen sich an",
    picked: "Sie haben genommen",
    why: "Warum sehe ich das?",
    product: "Produkt",
    offer: "Angebot",
    recipe: "Rezept",
    notice: "Hinweis",
  },
  fr: {
    idle: "Présentez un produit devant le lecteur",
    welcome: "Entrez",
    company: "{n} d’entre vous peuvent entrer",
    held: "Vous regardez",
    picked: "Vous avez pris",
    why: "Pourquoi vois-je ceci ?",
    product: "Produit",
    offer: "Offre",
    recipe: "Recette",
    notice: "Avis",
  },
  es: {
    idle: "Acerque un producto al lector",
    welcome: "Adelante",
    company: "Pueden entrar {n} de ustedes",
    held: "Está mirando",
    picked: "Ha cogido",
    why: "¿Por qué veo esto?",
    product: "Producto",
    offer: "Oferta",
    recipe: "Receta",
    notice: "Aviso",
  },
};
const zone = location.pathname.split("/")[2] ?? "";

/** @param {Segments} pieces */
const marked = (pieces) => pieces.map(({ text, mark }) => mark ? make("mark", {}, text) : text);

/**
 * @param {string} kind
 * @param {Segments} pieces
 */
const paragraph = (kind, pieces) =>
  pieces.length > 0 && make("p", { class: kind }, ...marked(pieces));

/**
 * @param {NonNullable<Now["product"]>} product
 * @param {string} heading
 */
function productView({ name, brand, text }, heading) {
  return make(
    "article",
    {},
    make("p", { class: "kind" }, heading),
    make("h2", {}, name),
    brand && make("p", {}, brand),
    text && make("p", { class: "text" }, text),
  );
}

/** @param {NonNullable<Now["shown"]>} shown */
function contentView({ kind, language, name, text, ingredients, price, why }) {
  const own = words[language] ?? words["en"];
  return make(
    "article",
    { class: "beside", lang: language },
    make("p", { class: "kind" }, own?.[kind]),
    make("h2", {}, ...marked(name)),
    price && make("p", { class: "price" }, money(price.amount_minor, price.currency)),
    paragraph("text", text),
    paragraph("ingredients", ingredients),
    make("p", { class: "why" }, make("strong", {}, own?.["why"]), " ", why),
  );
}

/** @param {number} people @param {Record<string, string> | undefined} own */
function welcomeView(people, own) {
  const said = own?.[people > 1 ? "company" : "welcome"]?.replace("{n}", String(people));
  return make("p", { class: "welcome" }, said);
}

/** @param {Now} now */
function draw({ store, name, languages, product, picked, shown, come_in }) {
  const language = languages[0] ?? "en";
  const own = words[language];
  document.documentElement.lang = language;
  document.title = `${name}, ${store}`;
  at("name").textContent = `${store} · ${name}`;
  at("stage").className = shown === null ? "" : "pair";
  fill(
    at("stage"),
    come_in !== null && welcomeView(come_in, own),
    product === null
      ? come_in === null && make("p", { class: "idle" }, own?.["idle"])
      : productView(product, own?.[picked ? "picked" : "held"] ?? ""),
    shown && contentView(shown),
  );
}

follow(`/display/${zone}/events`, "now", draw, (live) => {
  fill(at("link"), !live && make("span", { class: "badge bad" }, "no connection to the gateway"));
});
