/** Steps that are looked up do what XState's own actor does, on machines made by chance. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Generated, generatedEvents, generatedMachine } from "./testing/generated.ts";
import { longFuzz } from "./testing/long_fuzz.ts";
import { Endless, Twins } from "./testing/twin.ts";

function follow({ machine, reference }: Generated, moves: readonly (string | null)[]): void {
  let at_ms = 1_000;
  let twins: Twins | undefined;
  for (const type of moves) {
    if (twins === undefined || twins.state.done) {
      twins = Twins.born(machine, "x", { type: type ?? "a", at_ms }, reference);
    } else if (type === null) {
      at_ms = Math.max(at_ms, twins.next()?.due_ms ?? 0);
      twins.fire(at_ms);
    } else twins.send({ type, at_ms: at_ms += 3 });
  }
}

const move = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...generatedEvents, "unknown") },
  { weight: 1, arbitrary: fc.constant(null) },
);

Deno.test("a made-up machine goes where XState's actor goes, event by event", () => {
  let endless = 0;
  fc.assert(
    fc.property(generatedMachine, fc.array(move, { minLength: 5, maxLength: 40 }), (it, moves) => {
      try {
        follow(it, moves);
      } catch (error) {
        if (!(error instanceof Endless)) throw error;
        endless++;
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(endless < 200, `${endless} of 400 machines went round for ever`);
});

Deno.test("the shop's machines and made-up ones differ in nothing from XState's actors", () => {
  const { differences, taken } = longFuzz(1, 20_000);
  assert.deepEqual(differences, []);
  assert.ok(taken > 5_000, `only ${taken} events were taken`);
});
