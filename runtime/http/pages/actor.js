// @ts-check
/// <reference lib="dom" />
/**
 * One actor, whole: its context, its timers counting down, what it would take now, and what
 * happened to it, with who sent what and what came of it.
 */
import { ask, at, badge, clockTime, eventName, fill, make, now_ms, span, words } from "./page.js";
import { link } from "./store.js";

/** @typedef {import("./page.js").Actor} Actor */
/** @typedef {import("./page.js").Step} Step */
/** @typedef {import("./page.js").Machine} Machine */

/** @type {Actor | undefined} */
let shown;
/** @type {number | null} */
let next = null;
/** @type {Map<string, Promise<Machine>>} */
const machines = new Map();

/** Where the gateway tells of an actor. @param {string} address */
export const actorPath = (address) => {
  const slash = address.indexOf("/");
  return `/debug/actors/${address.slice(0, slash)}/${encodeURIComponent(address.slice(slash + 1))}`;
};

/**
 * A value of a context: times as times, plain values as text, the rest as JSON.
 * @param {string} key
 * @param {unknown} value
 */
function valueOf(key, value) {
  if (value === null || value === "") return make("span", { class: "soft" }, "—");
  if (value === 0 && /(at|until|since|expires)_ms$/.test(key)) {
    return make("span", { class: "soft" }, "—");
  }
  if (typeof value === "number" && key.endsWith("_at_ms")) return `${clockTime(value)}`;
  if (typeof value === "number" && /(until|since|expires)_ms$/.test(key)) {
    const away = value - now_ms();
    return `${clockTime(value)} (${away >= 0 ? `in ${span(away)}` : `${span(-away)} ago`})`;
  }
  if (typeof value === "object") return pre(JSON.stringify(value, null, 1));
  return String(value);
}

/** @param {Record<string, unknown>} fields */
function fieldList(fields) {
  const entries = Object.entries(fields);
  if (entries.length === 0) return make("p", { class: "soft" }, "empty");
  return make(
    "dl",
    { class: "fields" },
    ...entries.flatMap(([key, value]) => [
      make("dt", {}, key),
      make("dd", {}, valueOf(key, value)),
    ]),
  );
}

/** @param {Actor["timers"]} timers */
function timerList(timers) {
  if (timers.length === 0) return make("p", { class: "soft" }, "none pending");
  return make(
    "dl",
    { class: "fields" },
    ...[...timers].sort((a, b) => a.due_ms - b.due_ms).flatMap(({ event, due_ms }) => [
      make("dt", {}, `in ${span(due_ms - now_ms())}`),
      make("dd", {}, `${eventName(event)} at ${clockTime(due_ms)}`),
    ]),
  );
}

/**
 * The transitions out of the present state.
 * @param {Machine} machine
 * @param {unknown} state
 */
function takes(machine, state) {
  const here = machine.states.filter(({ path }) => path === "" || path === state);
  const rows = here.flatMap(({ transitions }) => transitions).map((transition) =>
    make(
      "tr",
      {},
      make("td", {}, transition.by === "time" ? `after ${transition.event}` : transition.event),
      make("td", {}, transition.guard ? make("code", {}, transition.guard) : ""),
      make(
        "td",
        {},
        transition.targets.length > 0 ? words(transition.targets.join(", ")) : "stays",
      ),
    )
  );
  if (rows.length === 0) return make("p", { class: "soft" }, "nothing: it is done");
  return make(
    "table",
    {},
    make(
      "thead",
      {},
      make("tr", {}, ...["Event", "If", "Then"].map((text) => make("th", { scope: "col" }, text))),
    ),
    make("tbody", {}, ...rows),
  );
}

/** @param {string} address or `outside` or `timer` */
const actorLink = (address) =>
  address.includes("/") ? make("a", { href: link(address) }, address) : address;
/** @param {string} text a long one scrolls, also by keyboard */
const pre = (text) => make("pre", { tabindex: 0 }, text);

/**
 * One step as a line that opens.
 * @param {Step} step
 * @param {boolean} named whether the line says whose step it is
 */
export function stepItem(step, named) {
  const { at_ms, address, from, event, before, after, commands } = step;
  const { type, ...fields } = event;
  const was = before === undefined ? "" : words(before);
  const moved = JSON.stringify(before) !== JSON.stringify(after);
  return make(
    "li",
    {},
    make(
      "details",
      {},
      make(
        "summary",
        {},
        make("time", { datetime: new Date(at_ms).toISOString() }, clockTime(at_ms)),
        named && make("span", { class: "who" }, address),
        make("span", { class: "what" }, eventName(type)),
        make("span", { class: "way" }, `from ${from}`),
        moved && make("span", { class: "moved" }, `${was} → ${words(after)}`),
      ),
      make("p", {}, actorLink(address), " heard it from ", actorLink(from)),
      Object.keys(fields).length > 0 ? fieldList(fields) : null,
      ...commands.map((command) => pre(`asks: ${JSON.stringify(command, null, 1)}`)),
      make("p", { class: "soft" }, `turn ${step.turn}, position ${step.position}`),
    ),
  );
}

/** @param {Actor} actor */
async function showTakes(actor) {
  const known = machines.get(actor.kind) ?? ask(`/debug/machines/${actor.kind}`);
  machines.set(actor.kind, known);
  const machine = await known;
  if (shown === actor) fill(at("takes"), takes(machine, actor.state));
}

/** Draws again what depends on the hour. */
export function tickActor() {
  if (shown === undefined) return;
  fill(at("timers"), timerList(shown.timers));
  fill(at("context"), fieldList(shown.context));
}

/** @param {Actor} actor */
export function updateActor(actor) {
  shown = actor;
  fill(at("actor-state"), badge(actor.state));
  tickActor();
  showTakes(actor).catch(() => machines.delete(actor.kind));
}

/** @param {Step} step */
export function addStep(step) {
  if (shown?.address === step.address) at("history").prepend(stepItem(step, false));
}

/** @param {string} address */
async function moreHistory(address) {
  const before = next === null ? "" : `?before=${next}`;
  const page = await ask(`${actorPath(address)}/history${before}`);
  next = page.next;
  at("history").append(...page.history.map((/** @type {Step} */ step) => stepItem(step, false)));
  at("older").classList.toggle("hidden", next === null);
}

/**
 * Opens an actor in the page.
 * @param {string} address
 */
export async function openActor(address) {
  const heading = at("actor-heading");
  at("actor").classList.remove("hidden");
  heading.textContent = address;
  at("history").replaceChildren();
  fill(at("actor-state"));
  shown = undefined;
  next = null;
  try {
    updateActor(await ask(actorPath(address)));
    await moreHistory(address);
  } catch (error) {
    fill(at("context"), make("p", {}, error instanceof Error ? error.message : String(error)));
    fill(at("timers"));
    fill(at("takes"));
  }
  heading.focus({ preventScroll: true });
  at("actor").scrollIntoView({ block: "start" });
}

export function closeActor() {
  shown = undefined;
  at("actor").classList.add("hidden");
}

at("older").addEventListener("click", () => {
  if (shown === undefined) return;
  moreHistory(shown.address).catch((error) => {
    at("history").append(make("li", {}, error instanceof Error ? error.message : String(error)));
  });
});
