/** A shopper's stay at the gateway: the lease, the tokens, the reservation, the end. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { arrives, shop } from "./testing/shop.ts";

const ask = (payment: string, attempt = 1) => ({
  type: "payment.reservation_asked",
  payment,
  attempt,
});
const release = (payment: string, token_spent: boolean) => ({
  type: "payment.reservation_released",
  payment,
  token_spent,
  receipt: token_spent ? `receipt-${payment}` : null,
});
const last = (at: ReturnType<typeof shop>) => at.lost.at(-1);

Deno.test("who checked in without a template on the cameras is entered, then present", () => {
  const at = shop();
  arrives(at, "ada", { template: false });
  assert.equal(at.state("visit/ada"), "entered");
  at.post("visit/ada", ask("p1"));
  assert.equal(last(at)?.event["reason"], "no_template");
  arrives(at, "ada");
  assert.equal(at.state("visit/ada"), "present");
});

Deno.test("who is known by a template of another model must enrol again, and then may pay", () => {
  const at = shop();
  arrives(at, "ada", { template: false, enrol_again: true });
  assert.equal(at.context("visit/ada")["enrol_again"], true);
  at.post("visit/ada", ask("p1"));
  assert.equal(last(at)?.event["reason"], "enrol_again");
  arrives(at, "ada");
  assert.equal(at.state("visit/ada"), "present");
  assert.equal(at.context("visit/ada")["enrol_again"], false);
});

Deno.test("nothing renews the lease: it fades, then the shopper is gone and wiped", () => {
  const at = shop();
  arrives(at, "ada", { lease_expires_ms: at.now_ms() + 90_000 });
  at.pass(90_000 - limits.fading_ms - 1);
  assert.equal(at.state("visit/ada"), "present");
  at.pass(1);
  assert.equal(at.state("visit/ada"), "fading");
  at.pass(limits.fading_ms - 1);
  assert.equal(at.state("visit/ada"), "fading");
  at.pass(1);
  assert.equal(at.state("visit/ada"), "away");
  const { first_name, initials, tokens, template, ended } = at.context("visit/ada");
  assert.deepEqual([first_name, initials, tokens, template, ended], ["", "", [], false, "expired"]);
  assert.deepEqual(at.asked(), [{ type: "gallery.wipe", visit: "ada" }]);
  at.pass(limits.away_ms);
  assert.equal(at.state("visit/ada"), "left");
});

Deno.test("who was cut off comes back with the issuer's answer, not with an old one", () => {
  const at = shop();
  arrives(at, "ada", { lease_expires_ms: at.now_ms() + 60_000 });
  at.post("visit/ada", ask("p1"));
  at.post("visit/ada", release("p1", true));
  at.pass(60_000);
  assert.equal(at.state("visit/ada"), "away");
  assert.equal(at.post("visit/ada", release("p1", true)), false);
  at.post("visit/ada", ask("p2"));
  assert.equal(last(at)?.event["reason"], "left");
  const old = { lease_expires_ms: at.now_ms() };
  arrives(at, "ada", old);
  assert.equal(at.state("visit/ada"), "away", "an answer from before the end");
  arrives(at, "ada", { template: false });
  assert.equal(at.state("visit/ada"), "entered");
  assert.equal(at.context("visit/ada")["ended"], null);
  arrives(at, "ada");
  assert.equal(at.state("visit/ada"), "present");
  assert.deepEqual(at.context("visit/ada")["tokens"], ["second.token.of.ada"], "one was spent");
  at.pass(600_000);
  at.post("visit/ada", { type: "issuer.check_in_ended", reason: "expired" });
  assert.equal(at.state("visit/ada"), "left", "the issuer says that it is over");
});

Deno.test("who left before anything was known of them is not opened by a late answer", () => {
  const at = shop();
  assert.ok(at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" }));
  assert.equal(at.state("visit/ada"), "left");
  assert.deepEqual(at.asked(), [{ type: "gallery.wipe", visit: "ada" }]);
  arrives(at, "ada");
  assert.equal(at.state("visit/ada"), "left");
  assert.equal(at.context("visit/ada")["first_name"], "");
});

Deno.test("a renewal keeps the shopper present, and a late one does not shorten the lease", () => {
  const at = shop();
  arrives(at, "ada", { lease_expires_ms: at.now_ms() + 60_000 });
  at.pass(50_000);
  assert.equal(at.state("visit/ada"), "fading");
  arrives(at, "ada", { lease_expires_ms: at.now_ms() + 60_000 });
  assert.equal(at.state("visit/ada"), "present");
  arrives(at, "ada", { lease_expires_ms: at.now_ms() + 1_000 });
  at.pass(59_999);
  assert.equal(at.state("visit/ada"), "fading");
});

Deno.test("a fading shopper may still pay", () => {
  const at = shop();
  arrives(at, "ada", { lease_expires_ms: at.now_ms() + 9_000 });
  at.pass(6_999);
  assert.equal(at.state("visit/ada"), "present", "a short lease fades late");
  at.pass(1);
  assert.equal(at.state("visit/ada"), "fading");
  at.post("visit/ada", ask("p1"));
  assert.equal(last(at)?.event.type, "visit.reservation_granted");
});

Deno.test("one reservation at a time, with one token; asking again gives the same one", () => {
  const at = shop();
  arrives(at, "ada");
  at.post("visit/ada", ask("p1"));
  at.post("visit/ada", ask("p1", 2));
  at.post("visit/ada", ask("p2"));
  const { lost } = at;
  assert.deepEqual(lost.map(({ to }) => to), ["payment/p1", "payment/p1", "payment/p2"]);
  assert.deepEqual(lost.map(({ event }) => event["token"] ?? event["reason"]), [
    "first.token.of.ada",
    "first.token.of.ada",
    "held_elsewhere",
  ]);
  assert.equal(lost[1]?.event["attempt"], 2);
});

Deno.test("a token that was not spent lies ready again; a stranger cannot release it", () => {
  const at = shop();
  arrives(at, "ada");
  at.post("visit/ada", ask("p1"));
  assert.equal(at.post("visit/ada", release("p2", true)), false);
  at.post("visit/ada", release("p1", false));
  const tokens = ["first.token.of.ada", "second.token.of.ada"];
  assert.deepEqual(at.context("visit/ada")["tokens"], tokens);
});

Deno.test("a token that was spent does not come back with a renewal, one in use neither", () => {
  const at = shop();
  arrives(at, "ada", { tokens: ["a.token", "b.token"] });
  at.post("visit/ada", ask("p1"));
  arrives(at, "ada", { tokens: ["a.token", "b.token"] });
  assert.deepEqual(at.context("visit/ada")["tokens"], ["b.token"]);
  at.post("visit/ada", release("p1", true));
  arrives(at, "ada", { tokens: ["a.token", "b.token", "c.token"] });
  assert.deepEqual(at.context("visit/ada")["tokens"], ["b.token", "c.token"]);
});

Deno.test("after the last token is spent the shopper must wait for new ones", () => {
  const at = shop();
  arrives(at, "ada", { tokens: ["a.token"] });
  at.post("visit/ada", ask("p1"));
  assert.equal(at.state("visit/ada"), "present");
  at.post("visit/ada", release("p1", true));
  assert.equal(at.state("visit/ada"), "entered");
  arrives(at, "ada", { tokens: ["b.token"] });
  assert.equal(at.state("visit/ada"), "present");
});

Deno.test("what a visit holds has a ceiling", () => {
  const at = shop();
  const tokens = Array.from({ length: 50 }, (_, index) => `token-${index}`.padStart(40, "."));
  arrives(at, "ada", { tokens });
  assert.equal((at.context("visit/ada")["tokens"] as string[]).length, limits.tokens);
  for (let sale = 0; sale < limits.spent_tokens + 5; sale += 1) {
    arrives(at, "ada", { tokens: [`sale-${sale}`.padStart(40, ".")] });
    at.post("visit/ada", ask(`p${sale}`));
    at.post("visit/ada", release(`p${sale}`, true));
  }
  assert.equal((at.context("visit/ada")["spent_tokens"] as string[]).length, limits.spent_tokens);
});

for (const reason of ["left", "revoked", "erased"]) {
  Deno.test(`a check-in that is ${reason} is wiped, and its name and tokens are forgotten`, () => {
    const at = shop();
    arrives(at, "ada");
    at.post("visit/ada", { type: "issuer.check_in_ended", reason });
    assert.equal(at.state("visit/ada"), "left");
    const { first_name, initials, tokens, ended } = at.context("visit/ada");
    assert.deepEqual({ first_name, initials, tokens, ended }, {
      first_name: "",
      initials: "",
      tokens: [],
      ended: reason,
    });
    assert.deepEqual(at.asked(), [{ type: "gallery.wipe", visit: "ada" }]);
    assert.deepEqual(at.timers("visit/ada"), []);
  });
}

Deno.test("who leaves while a payment holds the reservation is refused to every other", () => {
  const at = shop();
  arrives(at, "ada");
  at.post("visit/ada", ask("p1"));
  at.post("visit/ada", { type: "issuer.check_in_ended", reason: "left" });
  assert.equal(at.state("visit/ada"), "leaving");
  assert.deepEqual(last(at), { to: "payment/p1", event: { type: "visit.left", visit: "ada" } });
  at.post("visit/ada", ask("p2"));
  assert.equal(last(at)?.event["reason"], "left");
  at.pass(3_600_000);
  assert.equal(at.state("visit/ada"), "leaving");
  at.post("visit/ada", release("p1", true));
  assert.equal(at.state("visit/ada"), "left");
});
