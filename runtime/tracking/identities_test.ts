/** Whose track it was, of two who came near each other. */
import assert from "node:assert/strict";
import { beliefs } from "./beliefs.ts";
import { Identities } from "./identities.ts";

/** Anna and Ben, side by side for four seconds. */
function pair(): Identities {
  const identities = new Identities(beliefs);
  identities.enter("t1", "anna");
  identities.enter("t2", "ben");
  for (let at_ms = 0; at_ms < 4_000; at_ms += 250) identities.meet("t1", "t2", at_ms);
  return identities;
}

const annas = (identities: Identities, at_ms: number) =>
  identities.whose("t1", at_ms).get("anna") ?? 0;

Deno.test("identities: who meets nobody is who came in", () => {
  const identities = new Identities(beliefs);
  identities.enter("t1", "anna");
  identities.look("t1", "ben", 1_000);
  assert.deepEqual([...identities.whose("t1", 2_000)], [["anna", 1]]);
});

Deno.test("identities: looks at both, before and after, tell that tracks were exchanged", () => {
  const identities = pair();
  for (const at_ms of [3_000, 6_000]) {
    identities.look("t1", "ben", at_ms);
    identities.look("t2", "anna", at_ms);
  }
  assert.ok(annas(identities, 5_000) < 0.05, `${annas(identities, 5_000)}`);
});

Deno.test("identities: where one only looks like the other, nobody was exchanged", () => {
  const identities = pair();
  for (const at_ms of [3_000, 6_000]) {
    identities.look("t1", "ben", at_ms);
    identities.look("t2", "ben", at_ms);
  }
  assert.ok(annas(identities, 5_000) > 0.9, `${annas(identities, 5_000)}`);
});

Deno.test("identities: a jump into each other's place says that they had been exchanged", () => {
  const identities = pair();
  identities.jump("t1", "t2", { from_ms: 7_600, to_ms: 8_000 });
  identities.jump("t2", "t1", { from_ms: 7_800, to_ms: 8_200 });
  assert.ok(annas(identities, 7_000) < 0.6, "before");
  assert.ok(annas(identities, 9_000) > 0.8, "after");
  assert.ok(annas(pair(), 7_000) > 0.9, "without");
});

Deno.test("identities: paths that cross where nobody walked say when tracks were exchanged", () => {
  const crossing = (crossed_ms: number) => {
    const identities = new Identities(
      beliefs,
      (_one, _other, at_ms) => at_ms === crossed_ms ? 500 : 0.05,
    );
    identities.enter("t1", "anna");
    identities.enter("t2", "ben");
    for (let at_ms = 0; at_ms < 4_000; at_ms += 250) identities.meet("t1", "t2", at_ms);
    for (const at_ms of [4_000, 5_000]) {
      identities.look("t1", "ben", at_ms);
      identities.look("t2", "anna", at_ms);
    }
    return identities;
  };
  const late = crossing(3_000);
  assert.ok(annas(late, 2_750) > 0.95, `before they were: ${annas(late, 2_750)}`);
  const between = annas(late, 2_875);
  assert.ok(between > 0.4 && between < 0.6, `from one time to the next: ${between}`);
  assert.ok(annas(late, 3_100) < 0.05, `and after: ${annas(late, 3_100)}`);
  assert.ok(annas(crossing(1_000), 2_750) < 0.05, "the same looks, had it been earlier");
});

Deno.test("identities: who has gone is nobody's track any more", () => {
  const identities = pair();
  for (const at_ms of [5_000, 6_000]) identities.look("t1", "ben", at_ms);
  identities.leave("anna", 7_000);
  assert.deepEqual([...identities.whose("t1", 9_000).keys()], ["ben"]);
});

Deno.test("identities: what is long ago is forgotten", () => {
  const identities = pair();
  identities.sweep(1_000_000, (track) => track === "t1");
  assert.deepEqual([...identities.whose("t2", 1_000_000)], []);
  assert.deepEqual([...identities.whose("t1", 1_000_000)], [["anna", 1]]);
});
