/**
 * A whole shop under random pressure: two lanes, three shoppers, an issuer that answers late, hasty
 * operators, messages under way for seconds. Whatever happens, nobody is charged twice or without
 * being there, and in the end every sale has one outcome and nobody holds anybody.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Address } from "./messages.ts";
import { Issuer } from "./testing/issuer.ts";
import {
  arrives,
  openLane,
  ringsUp,
  seen,
  type Shop,
  shop,
  staffed,
  stands,
} from "./testing/shop.ts";

const visits = ["ada", "bob", "cem"];
const lanes = ["1", "2"];

const lane = fc.constantFrom(...lanes);
const visit = fc.constantFrom(...visits);
const happening = fc.oneof(
  fc.record({ what: fc.constant("arrives" as const), visit, ready: fc.boolean() }),
  fc.record({ what: fc.constant("arrives" as const), visit, ready: fc.constant(true) }),
  fc.record({ what: fc.constant("leaves" as const), visit }),
  fc.record({ what: fc.constant("pays" as const), lane, visit }),
  fc.record({ what: fc.constant("pays" as const), lane, visit }),
  fc.record({ what: fc.constant("answers" as const), refuse: fc.constant(false) }),
  fc.record({ what: fc.constant("stands" as const), lane, who: fc.subarray(visits) }),
  fc.record({ what: fc.constant("rings up" as const), lane }),
  fc.record({ what: fc.constant("taps" as const), lane, visit }),
  fc.record({ what: fc.constant("cancels" as const), lane }),
  fc.record({ what: fc.constant("answers" as const), refuse: fc.boolean() }),
  fc.record({ what: fc.constant("says" as const), share: fc.constantFrom(0, 0.5, 1, 1) }),
  fc.record({ what: fc.constant("confirms" as const), lane }),
  fc.record({ what: fc.constant("drops" as const), lane, item: fc.nat(2) }),
  fc.record({ what: fc.constant("restarts" as const), lane }),
  fc.record({ what: fc.constant("link" as const), there: fc.boolean() }),
  fc.record({
    what: fc.constant("passes" as const),
    time_ms: fc.constantFrom(50, 1_000, 6_000, 20_000),
  }),
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

const gone = { type: "issuer.check_in_ended", reason: "left" };
const lost = { type: "link.lost", reason: "unplugged" };
const standIn = { per_payment_minor: 500, per_account_minor: 900, total_minor: 2_000, age_ms: 9e9 };

class Day {
  readonly issuer = new Issuer();
  readonly payments: Address[] = [];
  readonly at: Shop;
  /** How often each shopper has come: every check-in is a visit of its own. */
  readonly #stays = new Map<string, number>();
  #tokens = 0;

  constructor(delays: readonly number[]) {
    let letter = 0;
    this.at = shop(1_000_000, () => delays[letter++ % delays.length] ?? 0);
    this.at.post("stand_in/store", { type: "store.stand_in_configured", limits: standIn });
    this.at.post("link/issuer", { type: "store.link_configured", lanes });
    this.at.post("link/issuer", { type: "link.connected" });
    openLane(staffed, this.at, "1");
    openLane({ ...staffed, selection: "automatic" }, this.at, "2");
  }

  let(it: Happening): void {
    const { at, issuer } = this;
    switch (it.what) {
      case "arrives":
        this.#arrives(it.visit, it.ready);
        break;
      case "leaves":
        at.post(`visit/${this.#visit(it.visit)}`, gone);
        break;
      case "stands":
        stands(at, it.who.map((name) => seen(this.#visit(name))), it.lane);
        break;
      case "rings up":
        this.#ringsUp(it.lane);
        break;
      case "pays":
        this.#arrives(it.visit, true);
        stands(at, [seen(this.#visit(it.visit))], it.lane);
        this.#ringsUp(it.lane);
        at.pass(200);
        this.#taps(it.lane, it.visit);
        break;
      case "taps":
        this.#taps(it.lane, it.visit);
        break;
      case "cancels":
        this.#atLane(it.lane, { type: "operator.cancelled", operator: "olga" });
        break;
      case "answers":
        issuer.answer(at, it.refuse);
        break;
      case "says":
        issuer.say(at, it.share);
        break;
      case "confirms":
      case "drops":
        this.#decides(it);
        break;
      case "restarts":
        openLane(staffed, at, it.lane);
        break;
      case "link":
        at.post("link/issuer", it.there ? { type: "link.connected" } : lost);
        break;
      case "passes":
        at.pass(it.time_ms);
    }
    issuer.hear(at);
    this.#check();
  }

  #decides(it: Extract<Happening, { what: "confirms" | "drops" }>): void {
    const operator = "olga";
    const decision = it.what === "confirms"
      ? { type: "operator.eligibility_confirmed", operator }
      : { type: "operator.items_dropped", items: [it.item], operator };
    this.#atLane(it.lane, decision);
  }

  #arrives(name: string, ready: boolean): void {
    if (this.at.state(`visit/${this.#visit(name)}`)?.startsWith("le")) {
      this.#stays.set(name, (this.#stays.get(name) ?? 0) + 1);
    }
    const token = `token-${this.#tokens += 1}`.padStart(40, ".");
    arrives(this.at, this.#visit(name), {
      tokens: ready ? [token, `${token}+`] : [],
      allowances: [
        { allowance: `al-${token}`, amount_minor: 450, expires_ms: 9e12, proof: "signed" },
      ],
    });
  }

  #visit(name: string): string {
    return `${name}-${this.#stays.get(name) ?? 0}`;
  }

  #taps(lane: string, name: string): void {
    const visit = this.#visit(name);
    this.#atLane(lane, { type: "operator.selected", visit, operator: "olga" });
  }

  #ringsUp(lane: string): void {
    const payment = `p${this.payments.length}`;
    const wine = { name: "Wine", quantity: 1, amount_minor: 400, needs: "age_over_18" };
    const bread = { name: "Bread", quantity: 1, amount_minor: 20 };
    const items = payment.endsWith("5") ? { items: [bread, wine] } : {};
    if (ringsUp(this.at, payment, lane, items)) this.payments.push(`payment/${payment}`);
  }

  #atLane(lane: string, event: { type: string; [key: string]: unknown }): void {
    const payment = this.at.context(`lane/${lane}`)["payment"];
    if (payment !== null) this.at.post(`payment/${payment}`, event);
  }

  /** Every visit there was. */
  visits(): Address[] {
    return visits.flatMap((name) =>
      Array.from(
        { length: 1 + (this.#stays.get(name) ?? 0) },
        (_, stay): Address => `visit/${name}-${stay}`,
      )
    );
  }

  /** One payment at most is between asking the issuer and its end, for each visit. One that was
   * given up over a restart may be reversed without ever having had a token. */
  #check(): void {
    const busy = this.payments.filter((payment) =>
      ["awaiting_authorisation", "awaiting_approval", "awaiting_capture", "reversing"]
        .includes(this.at.state(payment) ?? "") && this.at.context(payment)["token"] !== null
    ).map((payment) => this.at.context(payment)["selected"]);
    assert.equal(new Set(busy).size, busy.length, `one visit is charged twice: ${busy}`);
  }

  /** Nothing new happens, the issuer answers, time passes: all that is open must end. */
  calm(): void {
    this.at.post("link/issuer", { type: "link.connected" });
    for (let round = 0; round < 40; round += 1) {
      while (this.issuer.answer(this.at, false));
      this.at.pass(10_000);
      this.issuer.hear(this.at);
    }
  }
}

Deno.test("whatever happens in a shop, every sale ends once and nobody is charged twice", () => {
  let captures = 0;
  let accepted = 0;
  let late = 0;
  fc.assert(
    fc.property(
      fc.array(happening, { minLength: 20, maxLength: 80 }),
      fc.array(fc.constantFrom(0, 0, 0, 0, 0, 40, 40, 4_000, 7_000), {
        minLength: 1,
        maxLength: 12,
      }),
      (happenings, delays) => {
        const day = new Day(delays);
        for (const it of happenings) day.let(it);
        day.calm();
        captures += day.issuer.captures;
        accepted += day.issuer.allowances.size;
        const { open, taken, refused } = day.at.context("stand_in/store");
        assert.deepEqual(open, [], "what was accepted is settled");
        assert.ok(Number(taken) + Number(refused) >= day.issuer.allowances.size);
        for (const payment of day.payments) {
          const state = day.at.state(payment);
          const book = day.issuer.books.get(payment.slice("payment/".length));
          const expected = book === undefined
            ? [undefined, "cancelled", "refused_late"]
            : book === "declined"
            ? [book, "refused_late"]
            : [book];
          if (state === "refused_late") late += 1;
          assert.ok(
            expected.includes(state as typeof book),
            `${payment}: ${state}, issuer: ${book}`,
          );
        }
        for (const lane of lanes) assert.equal(day.at.state(`lane/${lane}`), "idle");
        for (const visit of day.visits()) {
          const { held_by = null } = day.at.context(visit);
          assert.equal(held_by, null, `${visit} is held by ${held_by}`);
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  );
  assert.ok(captures > 100, `the shop sold ${captures} times`);
  assert.ok(accepted > 20, `it sold ${accepted} times without the issuer`);
  assert.ok(late > 0, "the issuer refused nothing afterwards");
});
