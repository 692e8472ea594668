// @ts-check
/// <reference lib="dom" />
/**
 * What all pages of the gateway share: making elements out of text that is never markup, asking
 * the gateway, following its events, and writing money and time.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/**
 * An actor as the debug endpoint tells it; its context differs with its kind.
 * @typedef {{ address: string, kind: string, state: unknown, context: Record<string, any>,
 *   timers: { id: string, event: string, due_ms: number }[], done: boolean, mailbox: number,
 *   last_event: { type: string, at_ms: number } | null }} Actor
 */
/** @typedef {Map<string, Actor>} Actors by address */
/** @typedef {{ type: string, [field: string]: unknown }} Fields */
/**
 * A step of an actor's history.
 * @typedef {{ position: number, turn: number, at_ms: number, address: string, from: string,
 *   event: Fields, before: unknown, after: unknown, commands: Fields[] }} Step
 */
/**
 * The store as configured.
 * @typedef {{ store: { name: string }, gateway: string, kinds: string[],
 *   zones: { id: string, name: string }[],
 *   lanes: { id: string, name: string, zone: string, camera: string, selection: string }[],
 *   beacons: { hardware_id: string, zone: string, device: string }[],
 *   cameras: { id: string, zone: string, device: string }[],
 *   aisle?: { gates: { id: string, zone: string, device: string }[],
 *     shelves: { id: string, zone: string, device: string }[] } }} Store
 */
/**
 * A kind's machine.
 * @typedef {{ states: { path: string, transitions:
 *   { event: string, by: string, targets: string[], guard: string | null }[] }[] }} Machine
 */

/**
 * An element with attributes and children; text stays text. `class` and `aria-*` are attributes,
 * `on…` functions are listeners.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | EventListener | undefined>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/**
 * The element of that id; it is in the page's own text.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function at(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * Puts children in place of what was there, unless they look the same: keeps focus, selection and
 * scroll where nothing changed.
 * @param {Element} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  const fresh = make("div", {}, ...children);
  if (parent.innerHTML === fresh.innerHTML) return;
  const active = document.activeElement;
  const name = active !== null && parent.contains(active) ? nameOf(active) : null;
  const namesakes = () =>
    [...parent.querySelectorAll("[data-key], [href]")].filter((each) => nameOf(each) === name);
  // One name may stand in several places; the last of them are the ones that stay where they are.
  const place = name === null || active === null ? 0 : namesakes().indexOf(active);
  const after = name === null ? 0 : namesakes().length - place;
  parent.replaceChildren(...fresh.childNodes);
  if (name === null) return;
  const again = namesakes();
  const found = again.at(-after) ?? again[0];
  if (found instanceof HTMLElement) found.focus();
}

/** What an element is known by when the page draws it again. @param {Element} element */
const nameOf = (element) => element.getAttribute("data-key") ?? element.getAttribute("href");

/**
 * Asks the gateway. Throws an Error with the problem's detail.
 * @param {string} path
 * @param {unknown} [body] with a body it is a POST
 * @returns {Promise<any>}
 */
export async function ask(path, body) {
  const response = await fetch(
    path,
    body === undefined ? {} : {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    },
  );
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `status ${response.status}`);
  return answer;
}

/**
 * Follows events while the page is looked at; comes back by itself after a break.
 * @param {string} path
 * @param {string} name of the events
 * @param {(data: any) => void} told
 * @param {(live: boolean) => void} state told when the stream opens and when it breaks
 */
export function follow(path, name, told, state) {
  let wait_ms = 500;
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const again = () => {
    close();
    state(false);
    timer = setTimeout(open, wait_ms);
    wait_ms = Math.min(wait_ms * 2, 8_000);
  };
  const open = () => {
    close();
    source = new EventSource(path);
    source.addEventListener("open", () => {
      wait_ms = 500;
      state(true);
    });
    source.addEventListener(name, (event) => told(JSON.parse(event.data)));
    source.addEventListener("ended", again);
    source.addEventListener("error", again);
  };
  // Browsers allow few connections to one place: pages in the background keep none.
  document.addEventListener("visibilitychange", () => document.hidden ? close() : open());
  if (!document.hidden) open();
}

/** How far this machine's clock is from the gateway's. */
let skew_ms = 0;
/** @param {number} gatewayNow_ms */
export function setClock(gatewayNow_ms) {
  skew_ms = gatewayNow_ms - Date.now();
}
/** The gateway's time, as near as we know it. */
export const now_ms = () => Date.now() + skew_ms;

/**
 * @param {number} amount_minor
 * @param {string} currency
 */
export function money(amount_minor, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount_minor / 10 ** digits);
}

/** @param {number} at_ms */
export const clockTime = (at_ms) =>
  new Date(at_ms).toLocaleTimeString(undefined, { hour12: false });

/**
 * A length of time, short: `4 s`, `3 min`, `2 h 5 min`.
 * @param {number} length_ms
 */
export function span(length_ms) {
  const seconds = Math.max(0, Math.round(length_ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * `awaiting_selection` as people read it.
 * @param {unknown} state
 */
export function words(state) {
  const text = typeof state === "string" ? state : JSON.stringify(state ?? "—");
  return text.replaceAll("_", " ");
}

const tones = {
  good: ["captured", "online", "streaming", "on_air", "present", "idle"],
  warn: [
    "fading",
    "stalled",
    "starting",
    "going_on_air",
    "between_periods",
    "leaving",
    "declined",
    "cancelled",
  ],
  bad: ["failed", "offline", "silent", "reversing", "reversed", "refused_late", "unconfigured"],
};
/**
 * The tone of a state, for its badge; states that are under way are `busy`.
 * @param {unknown} state
 */
export function tone(state) {
  const text = String(state);
  for (const [name, states] of Object.entries(tones)) if (states.includes(text)) return name;
  return /^(awaiting|opening|selling)/.test(text) ? "busy" : "";
}

/**
 * The name of an event for people: `xstate.after.untilFading.visit.present` is `untilFading`.
 * @param {string} type
 */
export const eventName = (type) => /^xstate\.after\.([^.]+)/.exec(type)?.[1] ?? type;

/** @param {unknown} state */
export const badge = (state) => make("span", { class: `badge ${tone(state)}` }, words(state));
