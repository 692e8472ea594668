// @ts-check
/// <reference lib="dom" />
/**
 * Carts of a walk-out aisle that wait for a person, each with what was seen of its lines and how
 * else it may have been; and lines that shoppers say are wrong. Who has signed in decides.
 */
import { ask, at, fill, make, now_ms, setClock, span } from "./page.js";
import { cartView, lineView, products } from "./sheets.js";
import { lookAgain, operator, signIn } from "./sign_in.js";

/** @typedef {import("./sheets.js").Cart} Cart */
/** @typedef {{ gate: string, tailgated: number, tailgated_at_ms: number | null }} Gate */

const every_ms = 3_000;
/** So long somebody who slipped in is told of. */
const told_ms = 15 * 60_000;
/** @type {Gate[]} */
let gates = [];
/** @type {Cart[]} */
let carts = [];
let live = false;
let sending = false;

const able = () => live && !sending && operator() !== null;
/** What a sheet shows changes with this. @param {Cart} cart */
const stateOf = ({ state, disputes }) =>
  `${state} ${disputes.map(({ dispute, granted }) => `${dispute} ${granted}`).join()}`;

/** Who came in and was not let in: what he takes is on nobody's cart. @param {Gate} gate */
function slippedView({ gate, tailgated, tailgated_at_ms }) {
  const ago_ms = tailgated_at_ms === null ? Infinity : now_ms() - tailgated_at_ms;
  return ago_ms > told_ms ? null : make(
    "p",
    { class: "slipped" },
    `Somebody came in at gate “${gate}” whom nobody had let in, ${span(ago_ms)} ago` +
      (tailgated > 1 ? `; ${tailgated} in all` : "") + ". What they take is on nobody's cart.",
  );
}

function draw() {
  fill(at("gates"), ...gates.map(slippedView));
  at("hint").hidden = operator() !== null || carts.length === 0;
  fill(
    at("link"),
    live
      ? make("span", { class: "badge good" }, "online")
      : make("span", { class: "badge bad" }, "no connection to the gateway"),
  );
  if (carts.length === 0) {
    return fill(at("carts"), make("p", { class: "now" }, live ? "Nothing waits for you." : ""));
  }
  // A sheet that somebody corrects stays where and as it is; those that are decided go.
  const shown = new Map(
    [...at("carts").querySelectorAll("[data-cart]")]
      .map((sheet) => [sheet.getAttribute("data-cart"), sheet]),
  );
  const sheets = carts.map((cart) => {
    const sheet = shown.get(cart.trip);
    if (!(sheet instanceof HTMLElement) || sheet.dataset.state !== stateOf(cart)) {
      const made = cartView(cart, able());
      made.dataset.state = stateOf(cart);
      return made;
    }
    for (const button of sheet.querySelectorAll("[data-decide], [data-dispute]")) {
      if (button instanceof HTMLButtonElement) button.disabled = !able();
    }
    return sheet;
  });
  for (const before of [...at("carts").children]) {
    if (!sheets.some((sheet) => sheet === before)) before.remove();
  }
  sheets.forEach((sheet, place) => {
    const there = at("carts").children[place] ?? null;
    if (there !== sheet) at("carts").insertBefore(sheet, there);
  });
}

/** What the store sells, once: for names, and for what nobody saw being taken. */
async function learnProducts() {
  /** @type {{ products: { gtin: string, name: string | null }[] }} */
  const told = await ask("/aisle/products");
  for (const { gtin, name } of told.products) products.set(gtin, name);
  at("products").replaceChildren(
    ...told.products.map(({ gtin, name }) => make("option", { value: gtin }, name ?? gtin)),
  );
}

/** One more line in a sheet: a product by its number or its name. @param {Element} sheet */
function addLine(sheet) {
  const field = sheet.querySelector("input.more");
  if (!(field instanceof HTMLInputElement)) return;
  const said = field.value.trim().toLowerCase();
  const found = [...products].find(([gtin, name]) => gtin === said || name?.toLowerCase() === said);
  field.setCustomValidity(found === undefined ? "The store has no such product" : "");
  if (found === undefined) return void field.reportValidity();
  const [gtin] = found;
  const known = [...sheet.querySelectorAll("[data-gtin]")]
    .find((one) => one.getAttribute("data-gtin") === gtin);
  if (known === undefined) {
    const line = { gtin, units: 1, confidence: 0, evidence: [] };
    sheet.querySelector("tbody")?.append(lineView(sheet.getAttribute("data-cart") ?? "", line));
  } else if (known instanceof HTMLElement) known.focus();
  field.value = "";
}

async function look() {
  try {
    if (products.size === 0) await learnProducts();
    /** @type {{ now_ms: number, gates: Gate[] }} */
    const told = await ask("/aisle/gates");
    setClock(told.now_ms);
    gates = told.gates;
    carts = (await ask("/aisle/reviews")).carts;
    live = true;
  } catch {
    live = false;
  }
  draw();
}

/** @param {string} path @param {object} body */
async function decide(path, body) {
  if (sending) return;
  sending = true;
  draw();
  try {
    await ask(path, body);
    at("trouble").textContent = "";
  } catch (error) {
    at("trouble").textContent = error instanceof Error ? error.message : String(error);
    lookAgain();
  } finally {
    sending = false;
    await look();
  }
}

at("carts").addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  const sheet = button?.closest("[data-cart]");
  if (!button || !sheet) return;
  const { take, decide: trip, dispute, granted, trip: of, more } = button.dataset;
  /** @type {HTMLInputElement[]} */
  const fields = [...sheet.querySelectorAll("input[data-gtin]")].filter((field) =>
    field instanceof HTMLInputElement
  );
  if (take !== undefined) {
    const cart = carts.find((one) => one.trip === sheet.getAttribute("data-cart"));
    const units = cart?.alternatives[Number(take)]?.units ?? {};
    for (const field of fields) field.value = String(units[field.dataset.gtin ?? ""] ?? 0);
  } else if (more !== undefined) addLine(sheet);
  else if (trip !== undefined) {
    // A field that was emptied says nothing of how many there are.
    if (!fields.every((field) => field.reportValidity())) return;
    const lines = fields.map(({ dataset, value }) => ({
      gtin: dataset.gtin,
      units: Number(value),
    }));
    void decide(`/aisle/carts/${encodeURIComponent(trip)}/decision`, { lines });
  } else if (dispute !== undefined && of !== undefined) {
    const path = `/aisle/carts/${encodeURIComponent(of)}/disputes/${encodeURIComponent(dispute)}`;
    void decide(path, { granted: granted === "true" });
  }
});

at("carts").addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement) event.target.setCustomValidity("");
});
signIn(draw);
void look();
setInterval(() => document.hidden || void look(), every_ms);
