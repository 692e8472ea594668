// @ts-check
/// <reference lib="dom" />
/**
 * The shopper's side of a lane: to which side to turn the head, which digits to say, what is to be
 * paid and how it ended. Sides are the shopper's own: who faces the page sees left at the left.
 */
import { at, fill, follow, make, money } from "./page.js";

/**
 * @typedef {{ state: string, side?: "left" | "right", left?: number, reason?: string }} Turn
 * @typedef {{
 *   store: string, name: string, turn: Turn | null, say: number[] | null,
 *   last: { outcome: string } | null,
 *   sale: null | { state: string, amount_minor: number, charge_minor: number, currency: string,
 *     reason: string | null },
 * }} Now
 */

const lane = location.pathname.split("/")[2] ?? "";
/** How many turns the present challenge began with. */
let all = 0;

/** @type {Record<string, string>} */
const whyNot = {
  wrong_side: "That was the other side.",
  too_early: "That was too early.",
  too_slow: "That took too long.",
  another_face: "Please stay where you are, one person at a time.",
  lost: "Please stay before the camera, one person at a time.",
  flat: "The camera could not see that.",
};
/** @type {Record<string, string>} */
const situations = {
  awaiting_candidates: "Please look at the camera",
  awaiting_selection: "One moment",
  awaiting_eligibility: "One moment: somebody looks at what is in your basket",
  awaiting_approval: "Please look at your phone",
};

/** @param {string} text */
const big = (text) => make("p", { class: "big" }, text);
/** @param {string} text */
const small = (text) => make("p", { class: "small" }, text);

/** @param {number} left */
function dots(left) {
  const done = all - left;
  const row = Array.from(
    { length: all },
    (_, i) => make("span", { class: i < done ? "done" : "" }),
  );
  return make("div", { class: "dots", role: "img", "aria-label": `${done} of ${all}` }, ...row);
}

/** @param {Turn} turn */
function turnView({ state, side, left = 0, reason = "" }) {
  all = Math.max(left, state === "facing" || state === "asked" ? all : 0);
  if (state === "asked" && side !== undefined) {
    const arrow = side === "left" ? "←" : "→";
    return [
      make("p", { class: `arrow ${side}`, "aria-hidden": "true" }, arrow),
      big(`Turn your head to your ${side}`),
      dots(left),
    ];
  }
  if (state === "facing") return [big("Look at the camera"), dots(left)];
  if (state === "met") return [big("Thank you")];
  if (state === "failed") {
    return [big(whyNot[reason] ?? "That did not work."), small("Once more, in a moment.")];
  }
  return [big("Look at the camera")];
}

/** @param {Now} now */
function view(now) {
  const { sale, turn, say, last, store } = now;
  if (turn !== null) return turnView(turn);
  if (sale === null) {
    all = 0;
    const paid = last?.outcome === "captured" || last?.outcome === "accepted_offline";
    return [big(paid ? "Thank you. Goodbye!" : `Welcome to ${store}`)];
  }
  all = 0;
  const amount = small(money(sale.charge_minor, sale.currency));
  if (sale.state === "awaiting_answer") {
    if (say === null) return [big("Please key your initials, or your phrase"), amount];
    return [
      big("Please say"),
      make("p", { class: "digits" }, say.join("")),
      small("one by one, with a short pause between; or key your initials"),
    ];
  }
  return [big(situations[sale.state] ?? "One moment"), amount];
}

/** @type {Now | undefined} */
let now;
let live = false;
function draw() {
  if (now === undefined) return;
  document.title = `${now.name}, ${now.store}`;
  fill(at("prompt"), ...live ? view(now) : [big("One moment"), small("The lane is not in reach.")]);
}
follow(`/lane/${lane}/events`, "now", (data) => {
  now = data;
  draw();
}, (open) => {
  live = open;
  draw();
});
