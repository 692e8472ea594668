// @ts-check
/// <reference lib="dom" />
/**
 * What an operator decides beside who pays: whether somebody may have what is restricted, what was
 * answered to a question, money that goes back; and what became of sales without the issuer.
 */
import { ask, at, badge, clockTime, fill, make, money, words } from "./page.js";

/** @typedef {{ item: number, name: string, needs: string, eligible: boolean }} Restricted */
/**
 * @typedef {{ accepting: boolean, left_minor: number, until_ms: number | null, open: number,
 *   open_minor: number,
 *   refused_late: { payment: string, amount_minor: number, reason: string, at_ms: number }[] }}
 *   StandIn
 */
/**
 * @typedef {{ sale: null | { state: string, currency: string, restricted: Restricted[],
 *     payer: { first_name: string, initials: string } | null, dropped: string[] },
 *   stand_in: StandIn | null, currency: string,
 *   last: { payment: string, outcome: string } | null }} Seen
 */

/** `age_over_18` as people say it. @param {string} needs */
function needWords(needs) {
  const age = /^age_over_(\d+)$/.exec(needs)?.[1];
  return age ? `${age} or older` : words(needs);
}

/** @param {Seen} seen @param {boolean} able */
function eligibilityView({ sale }, able) {
  if (sale?.state !== "awaiting_eligibility") return [];
  const { restricted, payer } = sale;
  const allowed = restricted.every(({ eligible }) => eligible);
  const who = payer ? `${payer.first_name} (${payer.initials})` : "the one who pays";
  return [
    make("h2", {}, `Is this ${who}, and may they have it?`),
    make(
      "ul",
      { class: "lines" },
      ...restricted.map(({ item, name, needs, eligible }) =>
        make(
          "li",
          {},
          make("span", { class: "what" }, make("b", {}, name), ` ${needWords(needs)}`),
          make(
            "span",
            { class: `badge ${eligible ? "good" : "bad"}` },
            eligible ? "the issuer attests it" : "not attested",
          ),
          make(
            "button",
            { type: "button", "data-drop": item, "data-key": `drop-${item}`, disabled: !able },
            "Take out",
          ),
        )
      ),
    ),
    make(
      "button",
      {
        type: "button",
        class: "yes",
        "data-confirm": true,
        "data-key": "confirm",
        disabled: !able || !allowed,
      },
      allowed ? `Yes, it is ${who}` : "Take out what is not attested first",
    ),
  ];
}

/** @param {Seen} seen */
function standInView({ stand_in, currency }) {
  if (stand_in === null) return [];
  const { accepting, open, open_minor, left_minor, until_ms, refused_late } = stand_in;
  return [
    accepting &&
    make(
      "p",
      { class: "badge warn" },
      `Selling without the issuer: ${open} for ${money(open_minor, currency)}, ` +
        `${money(left_minor, currency)} left${until_ms ? `, until ${clockTime(until_ms)}` : ""}`,
    ),
    refused_late.length > 0 && make(
      "div",
      { class: "late" },
      make("h2", {}, "Not charged after all"),
      make(
        "ul",
        { class: "lines" },
        ...refused_late.toReversed().map(({ amount_minor, reason, at_ms }) =>
          make(
            "li",
            {},
            make("b", {}, money(amount_minor, currency)),
            make("span", { class: "what" }, `${words(reason)}, ${clockTime(at_ms)}`),
          )
        ),
      ),
    ),
  ];
}

/** What was typed, in minor units; undefined where it is no amount. @param {string} text
 * @param {string} currency */
export function minorOf(text, currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const [, whole, fraction = ""] = /^(\d{1,7})(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || fraction.length > digits) return undefined;
  const amount_minor = Number(whole + fraction.padEnd(digits, "0"));
  return amount_minor > 0 ? amount_minor : undefined;
}

/** Money going back: the sale, and the name of this try. A try that is sent again is the same.
 * @type {{ payment: string, service_id: string, currency: string } | null} */
let refund = null;
const newTry = () =>
  [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => (byte % 36).toString(36)).join("");

/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement} */ (at(id));

/** Shows what there is to decide. @param {Seen} seen @param {boolean} able */
export function drawDecisions(seen, able) {
  const { sale, last } = seen;
  fill(at("eligibility"), ...eligibilityView(seen, able));
  fill(at("without-issuer"), ...standInView(seen));
  at("answer").hidden = sale?.state !== "awaiting_answer";
  for (const input of at("answer").querySelectorAll("input, button")) {
    input.toggleAttribute("disabled", !able);
  }
  const back = sale === null && last?.outcome === "captured" ? last.payment : undefined;
  if (refund && refund.payment !== back) refund = null;
  at("refund").hidden = refund === null;
  at("give-back").hidden = back === undefined || refund !== null;
  at("give-back").toggleAttribute("disabled", !able);
  at("refunded").hidden = at("refunded").getAttribute("data-payment") !== back;
}

/** @param {Event} event @param {string} attribute */
function pressed({ target }, attribute) {
  const button = target instanceof Element ? target.closest("button") : null;
  return button?.getAttribute(attribute) ?? undefined;
}

/**
 * Listens to the operator.
 * @param {string} lane
 * @param {(what: string, body: object) => Promise<void>} decide about the sale that is on
 * @param {() => Seen | undefined} seen
 * @param {(trouble: string) => void} failed
 */
export function decisions(lane, decide, seen, failed) {
  at("eligibility").addEventListener("click", (event) => {
    const item = pressed(event, "data-drop");
    const dropped = seen()?.sale?.dropped.length;
    if (item !== undefined) void decide("eligibility", { drop: [Number(item)], dropped });
    if (pressed(event, "data-confirm") !== undefined) {
      void decide("eligibility", { confirmed: true });
    }
  });
  at("answer").addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = new FormData(/** @type {HTMLFormElement} */ (at("answer"))).get("kind");
    const answer = field("spoken").value;
    field("spoken").value = "";
    void decide("answer", { kind, answer });
  });
  at("give-back").addEventListener("click", async () => {
    const now = seen();
    const payment = now?.last?.payment;
    if (!now || payment === undefined) return;
    try {
      const { charge_minor, currency } = await ask(`/lane/${lane}/sales/${payment}`);
      refund = { payment, service_id: `page-${newTry()}`, currency };
      const digits = new Intl.NumberFormat("en", { style: "currency", currency })
        .resolvedOptions().maximumFractionDigits ?? 2;
      field("refund-amount").value = (charge_minor / 10 ** digits).toFixed(digits);
      field("refund-reason").value = "";
      drawDecisions(now, true);
      field("refund-reason").focus();
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
  });
  at("refund-not").addEventListener("click", () => {
    refund = null;
    const now = seen();
    if (now) drawDecisions(now, true);
  });
  at("refund").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (refund === null) return;
    const { payment, service_id, currency } = refund;
    const amount_minor = minorOf(field("refund-amount").value, currency);
    if (amount_minor === undefined) return failed("That is no amount of money.");
    const body = { service_id, amount_minor, reason: field("refund-reason").value, wait_ms: 8_000 };
    try {
      const told = await ask(`/lane/${lane}/sales/${payment}/refunds`, body);
      failed("");
      // Until the issuer has answered, the same try may be sent again.
      if (told.outcome !== null) refund = null;
      at("refunded").setAttribute("data-payment", payment);
      fill(
        at("refunded"),
        badge(told.outcome ?? "waiting for the issuer"),
        ` ${money(told.amount_minor, told.currency)} ${told.outcome ? `(${told.reason})` : ""}`,
      );
      const now = seen();
      if (now) drawDecisions(now, true);
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
  });
}
