// @ts-check
/// <reference lib="dom" />
/**
 * The store at a glance: each zone with its lanes, cameras, beacons and the shoppers in it, drawn
 * from the actors that stand for them.
 */
import { badge, make, money, now_ms, span, words } from "./page.js";

/** @typedef {import("./page.js").Actor} Actor */
/** @typedef {import("./page.js").Store} Store */
/** @typedef {import("./page.js").Actors} Actors */

/** @param {string} address */
export const link = (address) => `#/${address}`;

/**
 * A shopper as a chip that leads to the visit.
 * @param {Actors} actors
 * @param {string} visit
 */
function shopper(actors, visit) {
  const context = actors.get(`visit/${visit}`)?.context;
  const name = typeof context?.first_name === "string" ? context.first_name : "";
  return make(
    "a",
    { class: "chip", href: link(`visit/${visit}`), "data-key": `visit/${visit}` },
    make("b", {}, String(context?.initials || "?")),
    name || "gone",
  );
}

/**
 * @param {Actor | undefined} payment
 * @param {Actors} actors
 */
function sale(payment, actors) {
  if (payment === undefined) return make("p", { class: "soft" }, "no sale");
  const { amount_minor, currency, candidates, selected, opened_at_ms, reason } = payment.context;
  /** @type {string[]} */
  const people = selected
    ? [selected]
    : candidates.map((/** @type {{visit: string}} */ each) => each.visit);
  return make(
    "div",
    {},
    make(
      "p",
      { class: "amount" },
      make("a", { href: link(payment.address) }, money(amount_minor, currency)),
    ),
    make(
      "p",
      {},
      badge(payment.state),
      " ",
      make("span", { class: "soft" }, `since ${span(now_ms() - opened_at_ms)}`),
    ),
    reason && make("p", { class: "soft" }, words(reason)),
    make(
      "div",
      { class: "chips" },
      selected ? make("span", { class: "soft" }, "pays:") : null,
      ...people.map((visit) => shopper(actors, visit)),
    ),
  );
}

/**
 * @param {Store["lanes"][number]} lane
 * @param {Actors} actors
 */
function laneCard(lane, actors) {
  const actor = actors.get(`lane/${lane.id}`);
  const { payment, last, offline_since_ms } = actor?.context ?? {};
  return make(
    "article",
    { class: "card" },
    make(
      "p",
      { class: "title" },
      make("a", { href: link(`lane/${lane.id}`), "data-key": `lane/${lane.id}` }, lane.name),
      badge(actor?.state),
    ),
    offline_since_ms
      ? make("p", { class: "badge bad" }, `offline for ${span(now_ms() - offline_since_ms)}`)
      : null,
    payment ? sale(actors.get(`payment/${payment}`), actors) : null,
    !payment && last
      ? make(
        "p",
        { class: "soft" },
        "last: ",
        make("a", { href: link(`payment/${last.payment}`) }, words(last.outcome)),
      )
      : null,
    make(
      "p",
      { class: "soft" },
      `${lane.selection === "automatic" ? "chooses by itself" : "operator chooses"} · `,
      make("a", { href: `/lane/${encodeURIComponent(lane.id)}` }, "operator's page"),
    ),
  );
}

/**
 * A device as a card: its state and what its context says of it.
 * @param {Actor | undefined} actor
 * @param {string} address
 * @param {string} title
 * @param {string} device
 * @param {(context: any) => (string | null)[]} facts
 */
function deviceCard(actor, address, title, device, facts) {
  const lines = actor === undefined ? [] : facts(actor.context);
  return make(
    "article",
    { class: "card" },
    make(
      "p",
      { class: "title" },
      make("a", { href: link(address), "data-key": address }, title),
      badge(actor?.state),
    ),
    make("p", { class: "soft" }, device),
    ...lines.map((line) => line && make("p", { class: "soft" }, line)),
  );
}

/** @param {any} context @returns {(string | null)[]} */
const cameraFacts = ({ faces, outcome, reason }) => [
  `${faces} ${faces === 1 ? "face" : "faces"} in view, ${words(outcome)}`,
  reason,
];
/** @param {any} context @returns {(string | null)[]} */
const beaconFacts = ({ codes, radio_reason, ask_reason }) => {
  const at_ms = now_ms();
  const code = codes.find((/** @type {{from_ms: number, until_ms: number}} */ each) =>
    each.from_ms <= at_ms && each.until_ms > at_ms
  );
  return [
    code ? `code ${code.code}, for ${span(code.until_ms - at_ms)} more` : "no code for now",
    radio_reason,
    ask_reason,
  ];
};

/** @param {any} context @returns {(string | null)[]} */
const gateFacts = ({ ways, last, tailgated }) => [
  ways === "both" ? "in and out" : `way ${ways}`,
  last
    ? `${words(last.outcome)}${last.reason ? ` (${words(last.reason)})` : ""} ` +
      `${span(now_ms() - last.at_ms)} ago`
    : null,
  tailgated > 0 ? `${tailgated} went through uninvited` : null,
];
/** @param {any} context @returns {(string | null)[]} */
const shelfFacts = ({ planogram, silent }) => {
  const plates = Object.keys(planogram);
  return [
    `plates: ${plates.join(", ")}`,
    silent.length > 0 ? `not heard: ${silent.join(", ")}` : null,
  ];
};

/** A cart that is shopped, or waits for somebody. @param {Actor} cart */
function cartChip({ address, state, context }) {
  const units = context.lines.reduce(
    (/** @type {number} */ sum, /** @type {{units: number}} */ line) => sum + line.units,
    0,
  );
  return make(
    "a",
    { class: "chip", href: link(address), "data-key": address },
    make("b", {}, words(state)),
    `${units} ${units === 1 ? "unit" : "units"}, ${Math.round(context.confidence * 100)} % sure`,
  );
}

/** Carts of which nothing more is to come. */
const over = ["paid", "settled", "unpaid", "cancelled", "unsold"];

/**
 * What a walk-out aisle has in this zone; nothing where there is none.
 * @param {Store["zones"][number]} zone
 * @param {Store} store
 * @param {Actors} actors
 */
function aisleOf(zone, { aisle }, actors) {
  if (aisle === undefined) return [];
  const here = (/** @type {{zone: string}} */ each) => each.zone === zone.id;
  const gates = aisle.gates.filter(here), shelves = aisle.shelves.filter(here);
  if (gates.length + shelves.length === 0) return [];
  const carts = [...actors.values()].filter(({ kind, context, state }) =>
    kind === "cart" && context.zone === zone.id && !over.includes(String(state))
  );
  const card = (
    /** @type {string} */ kind,
    /** @type {{id: string, device: string}} */ { id, device },
    /** @type {(context: any) => (string | null)[]} */ facts,
  ) => {
    const address = `${kind}/${id}`;
    const title = `${kind === "gate" ? "Gate" : "Shelf"} ${id}`;
    return deviceCard(actors.get(address), address, title, device, facts);
  };
  return [
    make(
      "div",
      { class: "cards" },
      ...gates.map((gate) => card("gate", gate, gateFacts)),
      ...shelves.map((shelf) => card("shelf", shelf, shelfFacts)),
    ),
    make(
      "h3",
      {},
      `Carts under way: ${carts.length} · `,
      make("a", { href: "/aisle/" }, "those to look at"),
    ),
    make("ul", { class: "chips" }, ...carts.map((cart) => make("li", {}, cartChip(cart)))),
  ];
}

/**
 * @param {Store["zones"][number]} zone
 * @param {Store} store
 * @param {Actors} actors
 */
function zoneOf(zone, store, actors) {
  const here = (/** @type {{zone: string}} */ each) => each.zone === zone.id;
  const visits = [...actors.values()]
    .filter(({ kind, context }) => kind === "visit" && context.zone === zone.id);
  const lanes = store.lanes.filter(here);
  const heard = store.beacons.some(here);
  return make(
    "div",
    { class: "zone" },
    make("h3", {}, zone.name),
    lanes.length > 0 &&
      make("div", { class: "cards" }, ...lanes.map((lane) => laneCard(lane, actors))),
    (heard || store.cameras.some(here)) && make(
      "div",
      { class: "cards" },
      ...store.cameras.filter(here).map(({ id, device }) => {
        const address = `camera/${id}`;
        return deviceCard(actors.get(address), address, `Camera ${id}`, device, cameraFacts);
      }),
      ...store.beacons.filter(here).map(({ hardware_id: id, device }) => {
        const address = `beacon/${id}`;
        return deviceCard(actors.get(address), address, `Beacon ${id}`, device, beaconFacts);
      }),
    ),
    ...aisleOf(zone, store, actors),
    heard && make("h3", {}, `Shoppers checked in: ${visits.length}`),
    heard && make(
      "ul",
      { class: "chips" },
      ...visits.slice(0, 200).map(({ address }) =>
        make("li", {}, shopper(actors, address.slice("visit/".length)))
      ),
    ),
  );
}

/**
 * What stands in the page's part for the store.
 * @param {Store} store
 * @param {Actors} actors
 */
export function storeView(store, actors) {
  return store.zones.map((zone) => zoneOf(zone, store, actors));
}

/**
 * The link to the issuer in a few words.
 * @param {Actors} actors
 */
export function linkFacts(actors) {
  const found = [...actors.values()].find(({ kind }) => kind === "link");
  if (found === undefined) return make("span", {}, "no link yet");
  const since = found.context.offline_since_ms;
  return make(
    "span",
    {},
    make("a", { href: link(found.address) }, "issuer"),
    " ",
    badge(found.state),
    since ? ` for ${span(now_ms() - since)}` : null,
  );
}
