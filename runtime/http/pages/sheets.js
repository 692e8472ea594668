// @ts-check
/// <reference lib="dom" />
/**
 * The sheets of the page of carts: each cart that waits for a person with what was seen of its
 * lines and how else it may have been, and the lines that its shopper says are wrong.
 */
import { clockTime, make, now_ms, span, words } from "./page.js";

/** @typedef {{ plate: string, delta_g: number, settled_ms: number }} Seen */
/** @typedef {{ gtin: string, units: number, confidence: number, evidence: Seen[] }} Line */
/** @typedef {{ dispute: string, line: number, gtin: string | null, units: number,
 *   granted: boolean | null }} Dispute */
/**
 * @typedef {{ trip: string, state: string, left_at_ms: number | null, confidence: number,
 *   reason: string | null, lines: Line[], disputes: Dispute[],
 *   alternatives: { share: number, units: Record<string, number> }[] }} Cart
 */

/** What the store calls each of its products. @type {Map<string, string | null>} */
export const products = new Map();

/** @param {number} share */
const percent = (share) => `${Math.round(share * 100)} %`;

/** What speaks for a line. @param {Seen[]} evidence */
const seenOf = (evidence) =>
  evidence.length === 0
    ? "nothing"
    : evidence.map(({ plate, delta_g, settled_ms }) =>
      `${plate} ${delta_g > 0 ? "+" : ""}${delta_g} g at ${clockTime(settled_ms)}`
    ).join("; ");

/** All that a cart may hold: its lines, and what others of its readings have. @param {Cart} cart */
function linesOf({ lines, alternatives }) {
  const known = new Set(lines.map(({ gtin }) => gtin));
  const others = alternatives.flatMap(({ units }) => Object.keys(units));
  return [
    ...lines,
    ...[...new Set(others)].filter((gtin) => !known.has(gtin))
      .map((gtin) => ({ gtin, units: 0, confidence: 0, evidence: [] })),
  ];
}

/** @param {string} gtin */
const nameOf = (gtin) => products.get(gtin) ?? gtin;

/** @param {string} trip @param {Line} line */
export function lineView(trip, { gtin, units, confidence, evidence }) {
  const named = products.get(gtin) && make("span", { class: "soft" }, ` ${gtin}`);
  return make(
    "tr",
    {},
    make("td", {}, nameOf(gtin), named),
    make(
      "td",
      {},
      make("input", {
        type: "number",
        required: true,
        min: 0,
        max: 1000,
        value: units,
        "data-gtin": gtin,
        "data-key": `${trip} ${gtin}`,
        "aria-label": `Units of ${nameOf(gtin)}`,
      }),
    ),
    make("td", {}, confidence > 0 ? percent(confidence) : "—"),
    make("td", { class: "soft" }, seenOf(evidence)),
  );
}

/** What is in a reading of the cart. @param {Record<string, number>} units */
const unitsText = (units) =>
  Object.entries(units).map(([gtin, count]) => `${count} × ${nameOf(gtin)}`).join(", ") ||
  "nothing";

/** @param {Cart} cart @param {boolean} able */
function reviewView(cart, able) {
  const { trip, alternatives } = cart;
  const rows = linesOf(cart).map((line) => lineView(trip, line));
  const head = ["Product", "Units", "Sure", "Seen"].map((name) => make("th", {}, name));
  return [
    rows.length === 0 && make("p", {}, "Nothing is known to be in it."),
    make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)),
    make(
      "p",
      {},
      make(
        "label",
        {},
        "Something else ",
        make("input", { list: "products", class: "more", "data-key": `${trip} more` }),
      ),
      make("button", { type: "button", "data-more": trip, "data-key": `${trip} add` }, "Add"),
    ),
    ...alternatives.map(({ share, units }, at) =>
      make(
        "button",
        { type: "button", "data-take": at, "data-key": `${trip} take ${at}` },
        `${percent(share)}: ${unitsText(units)}`,
      )
    ),
    make(
      "p",
      {},
      make(
        "button",
        {
          type: "button",
          class: "yes",
          "data-decide": trip,
          "data-key": `${trip} decide`,
          disabled: !able,
        },
        "This is what it holds",
      ),
    ),
  ];
}

/** @param {Cart} cart @param {boolean} able */
const disputeView = ({ trip, disputes }, able) =>
  disputes.filter(({ granted }) => granted === null).map(({ dispute, line, gtin, units }) =>
    make(
      "p",
      {},
      `The shopper says that line ${line + 1} is wrong: ${units} × ${
        gtin === null ? "?" : nameOf(gtin)
      }. `,
      ...[["Give it back", true], ["It is right", false]].map(([text, granted]) =>
        make(
          "button",
          {
            type: "button",
            "data-dispute": dispute,
            "data-trip": trip,
            "data-granted": String(granted),
            "data-key": `${dispute} ${granted}`,
            disabled: !able,
          },
          String(text),
        )
      ),
    )
  );

/** A cart's sheet; `able`: somebody may decide now. @param {Cart} cart @param {boolean} able */
export function cartView(cart, able) {
  const { trip, state, left_at_ms, confidence, reason } = cart;
  const left = left_at_ms === null ? "has not left" : `left ${span(now_ms() - left_at_ms)} ago`;
  return make(
    "article",
    { class: "cart", "data-cart": trip },
    make("h2", {}, `Trip ${trip.slice(0, 8)}`),
    make(
      "p",
      { class: "soft" },
      `${left}; the tracker was ${percent(confidence)} sure${reason ? `: ${words(reason)}` : ""}. `,
      make("a", { href: `/debug/#/cart/${encodeURIComponent(trip)}` }, "its history"),
    ),
    ...(state === "in_review" ? reviewView(cart, able) : disputeView(cart, able)),
  );
}
