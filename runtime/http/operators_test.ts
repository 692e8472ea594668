/** Operators sign in, and what they decide carries their name and nobody else's. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { utf8 } from "../vault/bytes.ts";
import { nodeVault } from "../vault/node.ts";
import { isPinOf, recordOf } from "../vault/pins.ts";
import { Operators } from "./operators.ts";
import { arrives, basket, openStore, seen, TestClock, testPin } from "./store_fixture.ts";

let drawn = 0;
const random = {
  bytes: (length: number) => nodeVault.sha256(utf8(String(drawn++))).slice(0, length),
};
const recorded = (operator: string, pin: string) =>
  recordOf(random, { operator, name: `${operator} the cashier` }, pin, 2);

function store() {
  const clock = new TestClock();
  const records = [recorded("kim", "471100"), recorded("lou", "other-pin")];
  const operators = new Operators({ records, vault: nodeVault, clock, random });
  const refused = (call: () => unknown, words: RegExp) =>
    assert.throws(call, (error) => {
      assert.ok(error instanceof RuntimeError && error.kind === "unauthorised");
      assert.match(error.message, words);
      return true;
    });
  return { clock, operators, refused };
}

Deno.test("the right PIN opens a session, and its token is whose it is", () => {
  const { operators, refused } = store();
  const { token, ...session } = operators.signIn("kim", " 471100 ");
  assert.deepEqual(operators.of(token), session);
  assert.equal(session.name, "kim the cashier");
  assert.notEqual(operators.signIn("kim", "471100").token, token);
  operators.end(token);
  for (const none of [token, "", undefined, token.toUpperCase()]) {
    refused(() => operators.of(none), /sign in first/);
  }
});

Deno.test("a wrong PIN and a wrong name are refused in the same words, and locked out", () => {
  const { clock, operators, refused } = store();
  const words = /^operator and PIN do not fit$/;
  refused(() => operators.signIn("eve", "471100"), words);
  refused(() => operators.signIn("kim", "other-pin"), words);
  operators.signIn("kim", "471100");
  for (let wrong = 0; wrong < limits.operator_tries; wrong++) {
    refused(() => operators.signIn("kim", `${wrong}`), words);
  }
  refused(() => operators.signIn("kim", "471100"), /try again in 15 minutes/);
  assert.equal(operators.signIn("lou", "other-pin").operator, "lou", "others go on");
  for (let wrong = 1; wrong < limits.operator_tries; wrong++) {
    refused(() => operators.signIn(`nobody-${wrong}`, "x"), words);
  }
  refused(() => operators.signIn("any-name", "x"), /too many wrong/);
  clock.advance(limits.operator_lock_ms);
  assert.equal(operators.signIn("kim", "471100").operator, "kim");
});

Deno.test("a session ends when nothing is decided, and after a shift whatever is", () => {
  const { clock, operators, refused } = store();
  const idle = operators.signIn("kim", "471100").token;
  const busy = operators.signIn("lou", "other-pin").token;
  const step_ms = limits.operator_idle_ms - 1;
  for (let passed = 0; passed + step_ms < limits.operator_session_ms; passed += step_ms) {
    clock.advance(step_ms);
    operators.of(busy);
  }
  refused(() => operators.of(idle), /sign in first/);
  clock.advance(step_ms);
  refused(() => operators.of(busy), /sign in first/);
});

Deno.test("no more sessions than there may be: the oldest ends", () => {
  const { operators, refused } = store();
  const first = operators.signIn("kim", "471100").token;
  for (let more = 0; more < limits.operator_sessions; more++) operators.signIn("lou", "other-pin");
  refused(() => operators.of(first), /sign in first/);
});

Deno.test("a store without operators says how to add one", () => {
  const clock = new TestClock();
  const operators = new Operators({ records: [], vault: nodeVault, clock, random });
  assert.throws(() => operators.signIn("kim", "471100"), /deno task operator add/);
});

Deno.test("a record holds no PIN, and two with the same PIN are not alike", () => {
  const [one, other] = [recorded("kim", "471100"), recorded("kim", "471100")];
  assert.doesNotMatch(JSON.stringify(one), /471100/);
  assert.notEqual(one.scrypt.hash, other.scrypt.hash);
  assert.ok(isPinOf(nodeVault, one, "471100") && !isPinOf(nodeVault, one, "471101"));
});

Deno.test("a decision carries who has signed in, whatever a request would like", async () => {
  const shop = await openStore();
  try {
    await arrives(shop, "v1", "Ada");
    await seen(shop, "till-1", "v1");
    const { body } = await shop.send("/lane/1/sales", basket("s1"));
    const path = `/lane/1/sales/${body.payment}`;
    const post = (where: string, given: unknown, headers: Record<string, string> = {}) =>
      shop.app.request(where, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(given),
      });
    const named = await post(`${path}/selection`, { visit: "v1", operator: "lou" });
    assert.equal(named.status, 400, "nobody says who they are");
    await named.body?.cancel();
    const nobody = await post(`${path}/selection`, { visit: "v1" });
    assert.equal(nobody.status, 401);
    assert.match((await nobody.json()).detail, /sign in first/);
    const session = await post("/operators/sessions", { operator: "kim", pin: testPin });
    const cookie = session.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^operator_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.equal((await session.json()).operator, "kim");
    const given = { cookie: cookie.split(";", 1)[0]! };
    const who = await shop.app.request("/operators/session", { headers: given });
    assert.equal((await who.json()).name, "kim");
    await (await post(`${path}/selection`, { visit: "v1" }, given)).body?.cancel();
    const [row] = shop.engine.outbox(0, 1);
    assert.ok(row?.command.type === "issuer.authorise");
    assert.equal(row.command.operator, "kim");
    const out = await shop.app.request("/operators/session", { method: "DELETE", headers: given });
    assert.equal(out.status, 204);
    const after = await post(`${path}/cancellation`, {}, given);
    assert.equal(after.status, 401);
    await after.body?.cancel();
    assert.ok(!shop.logged.some((line) => line.includes(testPin)));
  } finally {
    await shop.close();
  }
});
