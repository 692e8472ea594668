/** The table of services, walked: what it allows is what happens, in every situation of a visit. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allowed, may, services } from "./services.ts";
import { arrives, type Shop, shop } from "./testing/shop.ts";
import { visitMachine } from "./visit.ts";

const ask = { type: "payment.reservation_asked", payment: "p", attempt: 1, offline: true };

const allowance = { allowance: "al-1", amount_minor: 500, expires_ms: 9e12, proof: "signed" };

/** How a visit comes to each situation, and the payment that may hold it there. */
const ways: Readonly<Record<string, (at: Shop) => void>> = {
  entered: (at) => arrives(at, "ada", { tokens: [], offers: true }),
  present: (at) => arrives(at, "ada", { offers: true }),
  fading(at) {
    arrives(at, "ada", { offers: true });
    at.pass(590_000);
  },
  held_over(at) {
    arrives(at, "ada", { allowances: [allowance] });
    at.pass(600_000);
  },
  away(at) {
    arrives(at, "ada");
    at.pass(600_000);
  },
  leaving(at) {
    arrives(at, "ada", { offers: true });
    at.post("visit/ada", { ...ask, payment: "held" });
    at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" });
  },
  left(at) {
    arrives(at, "ada", { offers: true });
    at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" });
  },
};

Deno.test("every situation of a visit is in the table, and nothing else is", () => {
  assert.deepEqual(Object.keys(allowed).toSorted(), Object.keys(visitMachine.states).toSorted());
  assert.equal(may("nowhere", "gate"), false);
});

for (const [situation, come] of Object.entries(ways)) {
  Deno.test(`${situation}: what the table allows is what happens`, () => {
    const at = shop();
    come(at);
    assert.equal(at.state("visit/ada"), situation);
    const wiped = at.asked().some(({ type }) => type === "gallery.wipe");
    assert.equal(wiped, !may(situation, "template"), "the cameras hold the template");
    const { first_name, initials } = at.context("visit/ada");
    assert.equal(first_name !== "" && initials !== "", may(situation, "name"), "the name is known");
    at.post("visit/ada", ask);
    const { held_by, token } = at.context("visit/ada");
    const reserved = held_by === "p" && token !== null;
    assert.equal(reserved, may(situation, "token"), "a sale gets a token");
    at.post("visit/ada", { type: "display.offers_asked", display: "hall", look: 7 });
    const told = at.lost.findLast(({ to }) => to === "display/hall")?.event;
    assert.equal(told?.["agreed"] ?? false, may(situation, "offers"), "a display may offer");
  });
}

Deno.test("the docs have the same table", () => {
  const text = readFileSync(new URL("../docs/hands-free.md", import.meta.url), "utf8");
  for (const [situation, served] of Object.entries(allowed)) {
    if (situation === "unopened") continue;
    const cells = services.map((service) => served.includes(service) ? "yes" : "no");
    const row = new RegExp(`^\\| \`${situation}\` *\\| ${cells.join(" *\\| ")} *\\|`, "m");
    assert.match(text, row, `docs/hands-free.md has another row for ${situation}`);
  }
});
