/**
 * The tills of a story: what cashiers ring up and decide at lanes, over the gateway's HTTP
 * interface. Statuses are asserted, so that a story reads as what people do.
 */
import assert from "node:assert/strict";
import { demoPin } from "../demo/operators.ts";
import type { Change, LaneNow, Line, Refund, RefundAsked, Sale, Shopper, Shown } from "./place.ts";
import { until } from "./waiting.ts";

export class Tills {
  readonly #door: () => string;
  readonly #sessions = new Map<string, string>();
  #service = 0;

  /** `door` is the gateway's address, which is known once it runs. */
  constructor(door: () => string) {
    this.#door = door;
  }

  /** A gateway that was born again has signed everybody out. */
  signedOut(): void {
    this.#sessions.clear();
  }

  async ringsUp(
    lane: string,
    items: readonly Line[],
    more: Record<string, unknown> = {},
  ): Promise<Sale> {
    const lines = items.map((item) => ({ quantity: 1, ...item }));
    return await this.#post(lane, "", {
      poi_id: `poi-${lane}`,
      sale_id: `till-${lane}`,
      service_id: `s${++this.#service}`,
      amount_minor: lines.reduce((sum, { amount_minor }) => sum + amount_minor, 0),
      currency: "EUR",
      items: lines,
      ...more,
    });
  }

  /** What somebody at the lane decides; the status is asserted. */
  async decide(sale: Sale, what: string, body: Record<string, unknown>): Promise<Sale> {
    return await this.#post(sale.lane, `/${sale.payment}/${what}`, body);
  }

  /** The same, refused: resolves to the detail of the problem. */
  async refused(sale: Sale, what: string, body: Record<string, unknown>): Promise<string> {
    const answer = await this.#send(sale.lane, `/${sale.payment}/${what}`, body);
    const { detail } = await answer.json();
    assert.equal(answer.status, 409, detail);
    return detail;
  }

  /** Somebody is recognised and tapped by the operator. */
  async taps(sale: Sale, shopper: Shopper, operator = "olga"): Promise<Sale> {
    // Whoever stood there before may still be in the picture for a moment.
    const [seen, found] = await until(`${shopper.name} is among the candidates`, async () => {
      const now = await this.look(sale);
      assert.equal(now.outcome, null, `it ended before the tap: ${now.reason}`);
      const found = now.candidates.find(({ initials }) => initials === shopper.initials);
      return now.state === "awaiting_selection" && found && [now, found] as const;
    });
    return await this.decide(seen, "selection", { visit: found.visit, operator });
  }

  async look(sale: Sale): Promise<Sale> {
    const answer = await fetch(`${this.#sales(sale.lane)}/${sale.payment}`);
    return { ...await answer.json(), lane: sale.lane };
  }

  /** The sale once it is in this situation. */
  async comesTo(sale: Sale, state: string): Promise<Sale> {
    return await until(`${sale.payment} comes to ${state}`, async () => {
      const now = await this.look(sale);
      const over = now.outcome !== null && now.outcome !== "accepted_offline";
      if (over) {
        assert.equal(now.state, state, `it is ${now.state} (${now.reason})`);
      }
      return now.state === state && now;
    });
  }

  async lane(lane: string): Promise<LaneNow> {
    return await (await fetch(`${this.#door()}/lane/${lane}/now`)).json();
  }

  /** What the lane shows to whoever stands there. */
  async shown(lane: string): Promise<Shown> {
    return await (await fetch(`${this.#door()}/lane/${lane}/now`)).json();
  }

  /** Money given back, once the issuer has answered. */
  async refund(sale: Sale, asked: RefundAsked): Promise<Refund> {
    const body = { ...asked, wait_ms: 10_000 };
    const answer = await this.#send(sale.lane, `/${sale.payment}/refunds`, body);
    const refund = await answer.json();
    assert.equal(answer.status, 200, refund.detail);
    return refund;
  }

  /** The same, refused by the gateway itself: resolves to the detail of the problem. */
  async refundRefused(sale: Sale, asked: RefundAsked): Promise<string> {
    const answer = await this.#send(sale.lane, `/${sale.payment}/refunds`, { ...asked });
    const { detail } = await answer.json();
    assert.equal(answer.status, 422, detail);
    return detail;
  }

  /** The shopper asks for a change of account data; the camera looks from now on. */
  async asksToChange(lane: string, who: Shopper, wanted: Record<string, unknown>): Promise<Change> {
    const body = { service_id: `s${++this.#service}`, initials: who.initials, operator: "olga" };
    const answer = await this.#call(`/lane/${lane}/changes`, { ...body, wanted });
    const change = await answer.json();
    assert.ok(answer.ok, change.detail);
    return change;
  }

  /** How it ended. */
  async changeEnds(lane: string, { change }: Change): Promise<Change> {
    return await until(`${change} ends`, async () => {
      const answer = await fetch(`${this.#door()}/lane/${lane}/changes/${change}`);
      const now: Change = await answer.json();
      return now.outcome !== null && now;
    });
  }

  async cancelsChange(lane: string, { change }: Change): Promise<void> {
    const path = `/lane/${lane}/changes/${change}/cancellation`;
    const answer = await this.#call(path, { operator: "olga" });
    assert.ok(answer.ok, (await answer.json()).detail);
  }

  #sales(lane: string): string {
    return `${this.#door()}/lane/${lane}/sales`;
  }

  async #send(lane: string, path: string, body: Record<string, unknown>): Promise<Response> {
    return await this.#call(`/lane/${lane}/sales${path}`, body);
  }

  /** An operator signs in, once a story. */
  async #session(operator: string): Promise<string> {
    const kept = this.#sessions.get(operator);
    if (kept !== undefined) return kept;
    const answer = await fetch(`${this.#door()}/operators/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ operator, pin: demoPin }),
    });
    const { session, detail } = await answer.json();
    assert.ok(answer.ok, detail);
    this.#sessions.set(operator, session);
    return session;
  }

  /** An `operator` of the body is the one who has signed in and sends the rest. */
  async #call(path: string, body: Record<string, unknown>): Promise<Response> {
    const { operator, ...rest } = body;
    const headers = new Headers({ "content-type": "application/json" });
    if (operator !== undefined) {
      headers.set("x-operator-session", await this.#session(String(operator)));
    }
    const answer = await fetch(`${this.#door()}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(rest),
    });
    // A gateway that was born again has signed everybody out.
    if (answer.status !== 401 || !this.#sessions.delete(String(operator))) return answer;
    await answer.body?.cancel();
    return await this.#call(path, body);
  }

  async #post(lane: string, path: string, body: Record<string, unknown>): Promise<Sale> {
    const answer = await this.#send(lane, path, body);
    const sale = await answer.json();
    assert.ok(answer.ok, `${path}: ${sale.detail}`);
    return { ...sale, lane };
  }
}
