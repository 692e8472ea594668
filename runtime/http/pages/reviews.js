// @ts-check
/// <reference lib="dom" />
/**
 * Carts of a walk-out aisle that wait for a person, each with what was seen of its lines and how
 * else it may have been; and lines that shoppers say are wrong. Who has signed in decides.
 */
import { ask, at, clockTime, fill, make, now_ms, span, words } from "./page.js";
import { lookAgain, operator, signIn } from "./sign_in.js";

/** @typedef {{ plate: string, delta_g: number, settled_ms: number }} Seen */
/** @typedef {{ gtin: string, units: number, confidence: number, evidence: Seen[] }} Line */
/** @typedef {{ dispute: string, line: number, gtin: string | null, units: number,
 *   granted: boolean | null }} Dispute */
/**
 * @typedef {{ trip: string, state: string, left_at_ms: number | null, confidence: number,
 *   reason: string | null, lines: Line[], disputes: Dispute[],
 *   alternatives: { share: number, units: Record<string, number> }[] }} Cart
 */

const every_ms = 3_000;
/** @type {Cart[]} */
let carts = [];
let live = false;
let sending = false;

const able = () => live && !sending && operator() !== null;
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

/** @param {Cart} cart */
function reviewView(cart) {
  const { trip, alternatives } = cart;
  const rows = linesOf(cart).map(({ gtin, units, confidence, evidence }) =>
    make(
      "tr",
      {},
      make("td", {}, gtin),
      make(
        "td",
        {},
        make("input", {
          type: "number",
          min: 0,
          max: 1000,
          value: units,
          "data-gtin": gtin,
          "data-key": `${trip} ${gtin}`,
          "aria-label": `Units of ${gtin}`,
        }),
      ),
      make("td", {}, confidence > 0 ? percent(confidence) : "—"),
      make("td", { class: "soft" }, seenOf(evidence)),
    )
  );
  const head = ["Product", "Units", "Sure", "Seen"].map((name) => make("th", {}, name));
  return [
    rows.length === 0
      ? make("p", {}, "Nothing is known to be in it.")
      : make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)),
    ...alternatives.map(({ share, units }, at) =>
      make(
        "button",
        { type: "button", "data-take": at, "data-key": `${trip} take ${at}` },
        `${percent(share)}: ${
          Object.entries(units).map(([gtin, count]) => `${count} × ${gtin}`).join(", ") || "nothing"
        }`,
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
          disabled: !able(),
        },
        "This is what it holds",
      ),
    ),
  ];
}

/** @param {Cart} cart */
const disputeView = ({ trip, disputes }) =>
  disputes.filter(({ granted }) => granted === null).map(({ dispute, line, gtin, units }) =>
    make(
      "p",
      {},
      `The shopper says that line ${line + 1} is wrong: ${units} × ${gtin ?? "?"}. `,
      ...[["Give it back", true], ["It is right", false]].map(([text, granted]) =>
        make(
          "button",
          {
            type: "button",
            "data-dispute": dispute,
            "data-trip": trip,
            "data-granted": String(granted),
            "data-key": `${dispute} ${granted}`,
            disabled: !able(),
          },
          String(text),
        )
      ),
    )
  );

/** @param {Cart} cart */
function cartView(cart) {
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
    ...(state === "in_review" ? reviewView(cart) : disputeView(cart)),
  );
}

/** What a sheet shows changes with this. @param {Cart} cart */
const stateOf = ({ state, disputes }) =>
  `${state} ${disputes.map(({ dispute, granted }) => `${dispute} ${granted}`).join()}`;

function draw() {
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
  // A sheet that somebody corrects stays as it is; those that are decided go.
  const shown = new Map(
    [...at("carts").querySelectorAll("[data-cart]")]
      .map((sheet) => [sheet.getAttribute("data-cart"), sheet]),
  );
  at("carts").replaceChildren(...carts.map((cart) => {
    const sheet = shown.get(cart.trip);
    if (!(sheet instanceof HTMLElement) || sheet.dataset.state !== stateOf(cart)) {
      const made = cartView(cart);
      made.dataset.state = stateOf(cart);
      return made;
    }
    for (const button of sheet.querySelectorAll("[data-decide], [data-dispute]")) {
      if (button instanceof HTMLButtonElement) button.disabled = !able();
    }
    return sheet;
  }));
}

async function look() {
  try {
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
  const { take, decide: trip, dispute, granted, trip: of } = button.dataset;
  /** @type {HTMLInputElement[]} */
  const fields = [...sheet.querySelectorAll("input")];
  if (take !== undefined) {
    const cart = carts.find((one) => one.trip === sheet.getAttribute("data-cart"));
    const units = cart?.alternatives[Number(take)]?.units ?? {};
    for (const field of fields) field.value = String(units[field.dataset.gtin ?? ""] ?? 0);
  } else if (trip !== undefined) {
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

signIn(draw);
void look();
setInterval(() => document.hidden || void look(), every_ms);
