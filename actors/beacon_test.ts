/** A beacon through its periods: on the air, rotating, broken, and asking who is here. */
import assert from "node:assert/strict";
import { limits } from "./limits.ts";
import { type Shop, shop } from "./testing/shop.ts";

const beacon = "beacon/b1";
const period_ms = 300_000;

/** The issuer sets the code of a period that begins so far from now. */
function codeSet(at: Shop, code: string, in_ms = 0): void {
  const from_ms = at.now_ms() + in_ms;
  const until_ms = from_ms + period_ms;
  at.post(beacon, { type: "issuer.code_set", code, nonce: `nonce-${code}`, from_ms, until_ms });
  at.pass(0);
}
const heard = (at: Shop, code: string) => at.post(beacon, { type: "radio.advertising", code });
const announce = (at: Shop) => at.post(beacon, { type: "issuer.check_in_announced" });
const answer = (at: Shop) => at.post(beacon, { type: "issuer.account_data_answered", visits: 1 });
const refuse = (at: Shop) =>
  at.post(beacon, { type: "issuer.account_data_refused", reason: "stale" });
const asks = (at: Shop) =>
  at.asked().filter((command) => command.type === "issuer.fetch_account_data");
const codes = (at: Shop) =>
  at.asked().flatMap((command) => command.type === "radio.advertise" ? [command.code] : []);

function configured(): Shop {
  const at = shop();
  at.post(beacon, { type: "store.beacon_configured", zone: "front", hardware_id: "b1" });
  return at;
}
function onAir(): Shop {
  const at = configured();
  codeSet(at, "aa");
  heard(at, "aa");
  assert.equal(at.state(beacon), "on_air");
  answer(at);
  at.asked();
  return at;
}

Deno.test("the first code goes on the air, and who is here is asked for at once", () => {
  const at = configured();
  assert.equal(at.state(beacon), "silent");
  codeSet(at, "aa");
  assert.equal(at.state(beacon), "going_on_air");
  const proof = { hardware_id: "b1", code: "aa", nonce: "nonce-aa" };
  assert.deepEqual(at.asked(), [
    { type: "radio.advertise", ...proof, until_ms: at.now_ms() + period_ms },
    { type: "issuer.fetch_account_data", ...proof },
  ]);
  heard(at, "aa");
  assert.equal(at.state(beacon), "on_air");
});

Deno.test("the code turns when its period begins, and never before", () => {
  const at = onAir();
  codeSet(at, "bb", 200_000);
  codeSet(at, "bb", 200_000);
  at.pass(199_999);
  assert.equal(at.state(beacon), "on_air");
  assert.deepEqual(codes(at), []);
  at.pass(1);
  assert.deepEqual(codes(at), ["bb"]);
  heard(at, "bb");
  assert.equal(at.state(beacon), "on_air");
  assert.equal((at.context(beacon)["codes"] as unknown[]).length, 2);
});

Deno.test("the same code told again changes nothing on the air", () => {
  const at = onAir();
  codeSet(at, "aa");
  assert.equal(at.state(beacon), "on_air");
  assert.deepEqual(codes(at), []);
});

Deno.test("a code whose period is over is not taken", () => {
  const at = configured();
  codeSet(at, "aa", -period_ms);
  assert.equal(at.state(beacon), "silent");
  assert.deepEqual(at.asked(), []);
});

Deno.test("without a next code the beacon falls silent, and between periods it waits", () => {
  const at = onAir();
  at.pass(period_ms);
  assert.equal(at.state(beacon), "silent");
  codeSet(at, "cc", 5_000);
  assert.equal(at.state(beacon), "between_periods");
  codeSet(at, "bb", 1_000);
  at.asked();
  at.pass(1_000);
  assert.deepEqual(codes(at), ["bb"]);
});

Deno.test("a gap between two periods is silence", () => {
  const at = onAir();
  codeSet(at, "bb", period_ms + 1_000);
  at.pass(period_ms);
  assert.equal(at.state(beacon), "between_periods");
  at.pass(1_000);
  assert.equal(at.state(beacon), "going_on_air");
});

Deno.test("a radio that fails is tried again after pauses that grow, then works", () => {
  const at = onAir();
  at.post(beacon, { type: "radio.failed", reason: "unplugged" });
  assert.equal(at.state(beacon), "failed");
  assert.equal(at.context(beacon)["radio_reason"], "unplugged");
  const { first_ms } = limits.radio_backoff;
  for (const pause_ms of [first_ms, 2 * first_ms, 4 * first_ms]) {
    at.pass(pause_ms - 1);
    assert.equal(at.state(beacon), "failed");
    at.pass(1);
    assert.deepEqual(codes(at), ["aa"]);
    at.post(beacon, { type: "radio.failed", reason: "unplugged" });
  }
  at.pass(8 * first_ms);
  heard(at, "aa");
  assert.equal(at.state(beacon), "on_air");
  assert.equal(at.context(beacon)["radio_failures"], 0);
});

Deno.test("a radio that says nothing has failed; its period may end meanwhile", () => {
  const at = configured();
  codeSet(at, "aa", limits.advertise_timeout_ms - period_ms);
  at.pass(limits.advertise_timeout_ms);
  assert.equal(at.state(beacon), "failed");
  assert.equal(at.context(beacon)["radio_reason"], "radio_silent");
  at.pass(limits.radio_backoff.first_ms);
  assert.equal(at.state(beacon), "silent");
});

Deno.test("many check-ins make one request under way and one more after it", () => {
  const at = onAir();
  for (let phone = 0; phone < 20; phone += 1) announce(at);
  assert.equal(asks(at).length, 1);
  answer(at);
  assert.equal(asks(at).length, 1);
  answer(at);
  assert.deepEqual(asks(at), []);
  assert.equal(at.context(beacon)["asking"], "no");
});

Deno.test("a refused request is tried again after pauses that grow", () => {
  const at = onAir();
  const { first_ms } = limits.ask_backoff;
  announce(at);
  for (const pause_ms of [first_ms, 2 * first_ms, 4 * first_ms]) {
    at.asked();
    refuse(at);
    at.pass(pause_ms - 1);
    assert.deepEqual(asks(at), []);
    at.pass(1);
    assert.equal(asks(at).length, 1);
  }
});

Deno.test("a request that is never answered is made again", () => {
  const at = onAir();
  announce(at);
  at.asked();
  at.pass(limits.ask_timeout_ms);
  assert.equal(asks(at).length, 1);
});

Deno.test("those who are here are asked for again now and then", () => {
  const at = onAir();
  at.pass(limits.ask_refresh_ms - 1);
  assert.deepEqual(asks(at), []);
  at.pass(1);
  assert.equal(asks(at).length, 1);
});

Deno.test("a check-in that is announced before there is a code waits for the first one", () => {
  const at = configured();
  assert.equal(announce(at), false);
  codeSet(at, "aa");
  assert.equal(asks(at).length, 1);
});
