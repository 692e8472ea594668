// @ts-check
/// <reference lib="dom" />
/**
 * The debug page: reads the actors, follows what happens, and draws the store, the list and the
 * actor that is looked at. It only reads.
 */
import {
  actorPath,
  addStep,
  closeActor,
  openActor,
  stepItem,
  tickActor,
  updateActor,
} from "./actor.js";
import { ask, at, badge, eventName, fill, follow, make, now_ms, setClock, span } from "./page.js";
import { link, linkFacts, storeView } from "./store.js";

/** @typedef {import("./page.js").Actor} Actor */
/** @typedef {import("./page.js").Step} Step */
/** @typedef {import("./page.js").Store} Store */

const most = { rows: 300, steps: 200 };
/** Steps come in bursts: the actors are read again at most this often. */
const reading_ms = 500;

/** @type {Store} */
const store = await ask("/debug/store");
/** @type {Map<string, Actor>} */
let actors = new Map();
let kind = "";
let paused = false;
let due = false;
let stale = false;

/** The address that is looked at; empty where the page's own address names no actor. */
function selected() {
  try {
    const address = decodeURIComponent(location.hash.slice(2));
    return /^[^/]+\/./.test(address) ? address : "";
  } catch {
    return "";
  }
}

function drawKinds() {
  const counts = new Map(store.kinds.map((each) => [each, 0]));
  for (const actor of actors.values()) counts.set(actor.kind, (counts.get(actor.kind) ?? 0) + 1);
  const button = (/** @type {string} */ value, /** @type {string} */ text) =>
    make(
      "button",
      {
        type: "button",
        "aria-pressed": String(kind === value),
        "data-kind": value,
        "data-key": `kind ${value}`,
      },
      text,
    );
  fill(
    at("kinds"),
    button("", `all ${actors.size}`),
    ...[...counts].map(([each, count]) => button(each, `${each} ${count}`)),
  );
}

/** @param {Actor} actor */
function row(actor) {
  const { address, state, timers, mailbox, last_event } = actor;
  const soonest = Math.min(...timers.map(({ due_ms }) => due_ms));
  return make(
    "tr",
    { "aria-current": address === selected() ? "true" : undefined },
    make(
      "td",
      { class: "address" },
      make("a", { href: link(address), "data-key": address }, address),
    ),
    make("td", { class: "short" }, badge(state)),
    make("td", { class: "short" }, timers.length > 0 ? `in ${span(soonest - now_ms())}` : ""),
    make("td", {}, mailbox > 0 ? mailbox : ""),
    make(
      "td",
      { class: "soft" },
      last_event ? `${eventName(last_event.type)}, ${span(now_ms() - last_event.at_ms)} ago` : "",
    ),
  );
}

const collator = new Intl.Collator(undefined, { numeric: true });
const order = (/** @type {Actor} */ actor) => store.kinds.indexOf(actor.kind);

function drawActors() {
  const filter = at("filter");
  const text = filter instanceof HTMLInputElement ? filter.value.trim().toLowerCase() : "";
  const rows = [...actors.values()]
    .filter((actor) => kind === "" || actor.kind === kind)
    .filter(({ address, state }) => `${address} ${String(state)}`.toLowerCase().includes(text))
    .sort((a, b) => order(a) - order(b) || collator.compare(a.address, b.address));
  const more = rows.length - most.rows;
  fill(at("actor-rows"), ...rows.slice(0, most.rows).map(row));
  const none = at("no-actors");
  none.textContent = more > 0 ? `and ${more} more; filter to see them` : "None.";
  none.classList.toggle("hidden", rows.length > 0 && more <= 0);
}

function draw() {
  at("store-name").textContent = store.store.name;
  fill(at("store-facts"), `gateway ${store.gateway} · `, linkFacts(actors));
  fill(at("zones"), ...storeView(store, actors));
  drawKinds();
  drawActors();
  tickActor();
}

async function read() {
  due = false;
  stale = false;
  const answer = await ask("/debug/actors");
  setClock(answer.now_ms);
  actors = new Map(answer.actors.map((/** @type {Actor} */ actor) => [actor.address, actor]));
  const open = selected();
  const found = actors.get(open);
  if (found !== undefined) updateActor(found);
  else if (open !== "") await readDone(open);
  draw();
}

/** An actor that is done is no longer among those that live. One that is forgotten leaves what is
 * shown of it as it is. @param {string} address */
async function readDone(address) {
  const done = await ask(actorPath(address)).catch(() => undefined);
  if (done !== undefined) updateActor(done);
}

function readSoon() {
  if (due) {
    stale = true;
    return;
  }
  due = true;
  setTimeout(() => {
    read().catch(() => due = false).then(() => {
      if (stale) readSoon();
    });
  }, reading_ms);
}

/** @param {Step} step */
function happened(step) {
  readSoon();
  addStep(step);
  if (paused) return;
  const feed = at("feed");
  feed.prepend(stepItem(step, true));
  at("quiet").classList.add("hidden");
  while (feed.childElementCount > most.steps) feed.lastElementChild?.remove();
}

function route() {
  const address = selected();
  if (address === "") closeActor();
  else void openActor(address);
  drawActors();
}

/** @param {boolean} live */
function showLive(live) {
  fill(at("live"), live ? "live" : "no connection, trying again");
  at("live").className = `badge ${live ? "good" : "bad"}`;
  if (live) readSoon();
}

at("kinds").addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button === null) return;
  kind = button.getAttribute("data-kind") ?? "";
  drawKinds();
  drawActors();
});
at("filter").addEventListener("input", drawActors);
at("close").addEventListener("click", () => location.hash = "");
at("pause").addEventListener("click", () => {
  paused = !paused;
  at("pause").setAttribute("aria-pressed", String(paused));
});
addEventListener("hashchange", route);

await read();
route();
follow("/debug/events", "change", happened, showLive);
setInterval(draw, 1_000);
