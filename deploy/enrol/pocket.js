// The shopper's page: a code for the gate that is drawn anew all the time, what became of each trip
// and what is wrong with it, and questions about charges. What is said to the issuer happens in
// shopper.ts, which is bundled.
import { entry_code_every_ms, offersNotice, pocket } from "./shopper.ts";
import { deviceSeed, remember, remembered } from "./device.js";
import { at } from "./stages.js";

const every_ms = 2_000;
const names = {
  open: "You are inside, or just left",
  ended: "Nothing was charged",
  cancelled: "Nothing to pay",
  charging: "Being charged",
  awaiting_approval: "Waits for your yes",
  held: "Being charged",
  paid: "Paid",
  owed: "Not paid yet",
  unpaid: "Not paid",
};
const shownContents = [];
const own = pocket(location.origin, await deviceSeed());

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const money = (minor, currency) =>
  new Intl.NumberFormat(undefined, { style: "currency", currency }).format(
    minor / 10 ** new Intl.NumberFormat("en", { style: "currency", currency })
          .resolvedOptions().maximumFractionDigits,
  );

/** What the trouble that is told came of: `press` or `look`. */
let troubled;

/** Does it, or says what went wrong until the same goes well: a look anew, which comes every two
 * seconds, does not hide why what was pressed came to nothing. True when it is done. */
async function carry(work, by = "press") {
  try {
    await work();
    if (troubled === by) at("trouble").hidden = true;
    return true;
  } catch (error) {
    at("trouble").textContent = error instanceof Error ? error.message : String(error);
    at("trouble").hidden = false;
    troubled = by;
    return false;
  }
}

function button(text, work, more = {}) {
  const made = make("button", { type: "button", class: "plain", ...more }, text);
  made.onclick = async () => {
    made.disabled = true;
    await carry(work);
    made.disabled = false;
    await look();
  };
  return made;
}

/** Puts it there unless it looks the same: what somebody is about to press stays. */
function fill(element, text, draw) {
  if (element.dataset.drawn === text) return;
  element.dataset.drawn = text;
  element.replaceChildren(...draw());
}

function drawCode() {
  if (!at("people").reportValidity()) return;
  const modules = own.code(Number(at("people").value));
  const size = modules.length;
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", `0 0 ${size} ${size}`);
  picture.setAttribute("shape-rendering", "crispEdges");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", "Code for the gate");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const dark = modules.flatMap((row, y) => row.flatMap((on, x) => on ? `M${x} ${y}h1v1h-1z` : []));
  path.setAttribute("d", dark.join(""));
  path.setAttribute("fill", "currentColor");
  picture.append(path);
  at("code").replaceChildren(picture);
}

/** A line of a trip, and what may be said against it. */
function lineView({ trip, state, currency, disputes }, { name, quantity, amount_minor }, line) {
  const said = disputes.find((dispute) => dispute.line === line);
  const words = { true: "given back", false: "the store says it is right", null: "looked at" };
  const units = make("input", { type: "number", min: 1, max: quantity, value: quantity });
  units.setAttribute("aria-label", `How many of ${name} were never taken`);
  const against = said !== undefined
    ? make("span", { class: "quiet" }, `${said.units} disputed: ${words[String(said.granted)]}`)
    : state !== "paid"
    ? null
    : make(
      "span",
      {},
      units,
      button("Never taken", async () => {
        if (units.reportValidity()) await own.dispute(trip, line, Number(units.value));
      }, { "aria-label": `${name} was never taken` }),
    );
  const text = `${quantity} × ${name}, ${money(amount_minor, currency)}`;
  return make("li", {}, make("span", {}, text), against);
}

function tripView(trip) {
  const { merchant_name, entered_at_ms, state, amount_minor, refunded_minor, currency } = trip;
  const back = refunded_minor > 0 ? `, ${money(refunded_minor, currency)} given back` : "";
  const why = trip.reason && state !== "paid" ? ` (${trip.reason.replaceAll("_", " ")})` : "";
  return make(
    "article",
    { class: "trip", "data-trip": trip.trip, "data-state": state },
    make("h2", {}, `${merchant_name}, ${new Date(entered_at_ms).toLocaleString()}`),
    make(
      "p",
      { class: "quiet" },
      `${names[state] ?? state}${why}` +
        (amount_minor > 0 ? `: ${money(amount_minor, currency)}${back}` : ""),
    ),
    make("ul", {}, ...trip.items.map((item, line) => lineView(trip, item, line))),
    state === "owed" ? button("Pay it now", () => own.settle(trip.trip)) : null,
  );
}

const questionView = ({ approval, merchant_name, amount_minor, currency }) =>
  make(
    "p",
    {},
    `${merchant_name} asks for ${money(amount_minor, currency)}. `,
    button("Yes, charge it", () => own.answer(approval, true)),
    button("No", () => own.answer(approval, false)),
  );

const marked = (pieces) =>
  pieces.map(({ text, mark }) => mark ? make("mark", {}, text) : document.createTextNode(text));
const contentView = ({ name, text, why, language }) =>
  make(
    "article",
    { class: "content", lang: language },
    make("h2", {}, ...marked(name)),
    make("p", {}, ...marked(text)),
    make("p", { class: "quiet" }, make("strong", {}, "Why do I see this? "), why),
  );

/** What was shown is told once: it stays, whatever becomes of the rest. */
async function hearOfContents() {
  shownContents.unshift(...(await own.shown()).reverse());
  shownContents.length = Math.min(shownContents.length, 5);
}

let looking = false;

async function look() {
  // One that waits for an issuer that is away is enough.
  if (looking) return;
  looking = true;
  await carry(async () => {
    const [trips, questions] = await Promise.all([own.trips(), own.questions(), hearOfContents()]);
    fill(at("list"), JSON.stringify(trips), () => trips.map(tripView));
    fill(at("questions"), JSON.stringify(questions), () => questions.map(questionView));
    fill(at("shown"), JSON.stringify(shownContents), () => shownContents.map(contentView));
    at("asked").hidden = questions.length === 0;
    at("trips").hidden = trips.length === 0;
  }, "look");
  looking = false;
}

async function begin() {
  at("join").hidden = true;
  at("gate").hidden = at("beside").hidden = false;
  at("offers-notice").textContent = offersNotice.paragraphs.join(" ");
  at("offers").checked = await remembered("offers") === true;
  at("offers").onchange = () =>
    carry(async () => {
      const wanted = at("offers").checked;
      // What the issuer does not know stands on no page.
      at("offers").checked = !wanted;
      await own.wantOffers(wanted);
      at("offers").checked = wanted;
      await remember("offers", wanted);
    });
  at("people").oninput = drawCode;
  drawCode();
  setInterval(drawCode, entry_code_every_ms);
  await look();
  setInterval(() => document.hidden || look(), every_ms);
}

const known = await remembered("person");
at("join").hidden = known !== undefined;
at("person").onsubmit = (event) => {
  event.preventDefault();
  const { first_name, initials, instrument } = Object.fromEntries(new FormData(event.target));
  const person = { first_name, initials: initials.toUpperCase(), instrument };
  void carry(async () => {
    await own.open(person);
    await remember("person", person);
    await begin();
  });
};
if (known !== undefined) {
  // What is wrong, as with this device's clock, may be put right while the page is open.
  while (!await carry(() => own.open(known))) {
    await new Promise((resolve) => setTimeout(resolve, every_ms));
  }
  await carry(begin);
}
