// @ts-check
/// <reference lib="dom" />
/**
 * The operator's page of a lane: the sale that is on, those who may pay for it as large buttons,
 * a way to cancel, and whether the issuer is in reach or since when it is not.
 */
import { decisions, drawDecisions } from "./decisions.js";
import { ask, at, badge, clockTime, fill, follow, make, money, words } from "./page.js";
import { lookAgain, operator, signIn } from "./sign_in.js";

/** @typedef {{ visit: string, initials: string, first_name: string }} Person */
/**
 * @typedef {{
 *   lane: string, name: string, store: string, selection: string, state: string | null,
 *   camera: string | null, offline_since_ms: number | null,
 *   turn: { state: string, side?: string, left?: number } | null, say: number[] | null,
 *   last: { payment: string, outcome: string } | null,
 *   sale: null | { payment: string, state: string, outcome: string | null, reason: string | null,
 *     amount_minor: number, currency: string, candidates: Person[], payer: Person | null,
 *     charge_minor: number, restricted: import("./decisions.js").Restricted[], dropped: string[],
 *     items: { name: string, quantity: number, amount_minor: number }[] },
 *   stand_in: import("./decisions.js").StandIn | null, currency: string,
 * }} Now
 */

const lane = location.pathname.split("/")[2] ?? "";
/** @type {Now | undefined} */
let now;
let live = false;
let sending = false;

/** What an operator should know of each situation. @type {Record<string, string>} */
const situations = {
  awaiting_candidates: "Looking for the shopper at the pay position",
  awaiting_selection: "Tap who pays",
  awaiting_turn: "The shopper is asked to turn the head",
  turning_again: "That turn was not as asked; once more",
  awaiting_answer: "The shopper answers: digits aloud, or initials or a phrase that you key in",
  checking_answer: "Comparing the answer",
  awaiting_attestation: "Asking the issuer who may have this",
  awaiting_eligibility: "Something here is not for everybody",
  awaiting_approval: "The shopper is asked on the phone",
  awaiting_stand_in: "The issuer is away; looking at what it has reserved",
  accepted_offline: "Accepted without the issuer",
  awaiting_reservation: "One moment",
  awaiting_authorisation: "Asking the issuer",
  awaiting_capture: "Charging",
  reversing: "Undoing; not final until the issuer says so",
};

/** @param {NonNullable<Now["sale"]>} sale */
function saleView(sale) {
  const { amount_minor, charge_minor, currency, items, payer, reason, state, dropped } = sale;
  return make(
    "div",
    {},
    make("p", { class: "amount" }, money(charge_minor, currency)),
    charge_minor < amount_minor &&
      make("p", { class: "soft" }, `of ${money(amount_minor, currency)}`),
    dropped.length > 0 && make("p", { class: "soft" }, `taken out: ${dropped.join(", ")}`),
    make("p", { class: "now" }, situations[state] ?? words(state)),
    now?.turn?.state === "asked" &&
      make("p", { class: "now" }, `Now to their ${now.turn.side}; ${now.turn.left} to go`),
    now?.say && make("p", { class: "now" }, `Digits to be said: ${now.say.join(" ")}`),
    payer && make("p", { class: "now" }, `${payer.first_name} (${payer.initials}) pays`),
    reason && make(
      "p",
      { class: "soft" },
      `${state === "awaiting_approval" ? "because" : "before"}: ${words(reason)}`,
    ),
    make(
      "table",
      { class: "items" },
      ...items.map((item) =>
        make(
          "tr",
          {},
          make("td", {}, `${item.quantity} ×`),
          make("td", {}, item.name),
          make("td", {}, money(item.amount_minor, currency)),
        )
      ),
    ),
  );
}

/** @param {Person} person */
function personButton({ visit, initials, first_name }) {
  return make(
    "button",
    {
      type: "button",
      class: "person",
      "data-visit": visit,
      "data-key": visit,
      disabled: !able(),
    },
    make("b", {}, initials),
    make("span", {}, first_name),
  );
}

/** Whether somebody may decide now. */
const able = () => live && !sending && operator() !== null;

function linkView() {
  if (!live) return make("span", { class: "badge bad" }, "no connection to the gateway");
  const since = now?.offline_since_ms;
  if (since) {
    return make("span", { class: "badge bad" }, `issuer offline since ${clockTime(since)}`);
  }
  return make("span", { class: "badge good" }, "online");
}

/** Shows what there is. */
function draw() {
  fill(at("link"), linkView());
  if (now === undefined) return;
  const { sale, last, camera } = now;
  document.title = `${now.name}, ${now.store}`;
  at("lane-name").textContent = now.name;
  fill(
    at("sale"),
    sale ? saleView(sale) : make(
      "div",
      {},
      make("p", { class: "now" }, "No sale at this lane"),
      last && make("p", {}, "The last one: ", badge(last.outcome)),
    ),
    camera !== "streaming" && make("p", { class: "badge warn" }, `camera: ${words(camera)}`),
  );
  const choice = sale?.state === "awaiting_selection" ? sale.candidates : [];
  fill(at("people"), ...choice.map(personButton));
  drawDecisions(now, able());
  const settled = sale === null || ["awaiting_capture", "reversing"].includes(sale.state);
  fill(
    at("actions"),
    sale && make(
      "button",
      {
        type: "button",
        class: "cancel",
        "data-key": "cancel",
        disabled: settled || !able(),
      },
      "Cancel this sale",
    ),
    operator() === null && (sale || last?.outcome === "captured") &&
      make("p", { class: "soft" }, "Sign in above first."),
  );
}

/**
 * Sends a decision and shows what stands against it.
 * @param {string} what
 * @param {object} body
 */
async function decide(what, body) {
  const payment = now?.sale?.payment;
  if (payment === undefined || sending) return;
  sending = true;
  draw();
  try {
    const path = `/lane/${lane}/sales/${encodeURIComponent(payment)}/${what}`;
    await ask(path, body);
    at("trouble").textContent = "";
  } catch (error) {
    at("trouble").textContent = error instanceof Error ? error.message : String(error);
    lookAgain();
  } finally {
    sending = false;
    draw();
  }
}

at("people").addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  const visit = button?.getAttribute("data-visit");
  if (visit) void decide("selection", { visit });
});
at("actions").addEventListener("click", (event) => {
  if (event.target instanceof HTMLButtonElement) void decide("cancellation", {});
});

decisions(lane, decide, () => now, (trouble) => at("trouble").textContent = trouble);

signIn(draw);
follow(`/lane/${lane}/events`, "now", (data) => {
  if (data.sale?.payment !== now?.sale?.payment) at("trouble").textContent = "";
  now = data;
  draw();
}, (open) => {
  live = open;
  draw();
});
