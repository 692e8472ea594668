/** What hands tell of how many packages were moved. */
import assert from "node:assert/strict";
import { beliefs } from "./beliefs.ts";
import { type Actor, doersOf, type Phase } from "./doers.ts";
import { toldBy } from "./reaches.ts";

Deno.test("reaches: as many packages as hands are likeliest", () => {
  for (const seen of [1, 2, 3]) {
    const told = [1, 2, 3, 4].map(toldBy(seen, beliefs));
    assert.equal(told.indexOf(Math.max(...told)), seen - 1);
  }
});

Deno.test("reaches: one hand says nothing new of one package, nor of none", () => {
  for (const packages of [0, 1]) {
    assert.ok(Math.abs(toldBy(1, beliefs)(packages)) < 0.01);
    assert.ok(Math.abs(toldBy(0, beliefs)(packages)) < 0.01);
  }
});

Deno.test("reaches: where a camera tells a movement once, one hand may move three", () => {
  const told = toldBy(1, { ...beliefs, reach_once: 1 });
  assert.deepEqual([1, 2, 3].map(told), [0, 0, 0]);
});

Deno.test("reaches: who was seen to reach twice took both, not a neighbour one of them", () => {
  const product = { gtin: "20000001", unit_g: 300, deviation_g: 3 };
  const seen = (cart: string, reaches: number): Actor =>
    reaches > 0
      ? { cart, alone: 3.4, beside: 3.4, reaches }
      : { cart, alone: -1.1, beside: -3, reaches };
  const best = (reaches: readonly [number, number]) => {
    const actors = [seen("anna", reaches[0]), seen("ben", reaches[1])];
    const phase: Phase = {
      id: "1.0",
      at_ms: 0,
      level_g: -600,
      deviation_g: 2,
      reaches: reaches[0] + reaches[1],
      actors,
    };
    const told = toldBy(phase.reaches, beliefs)(2);
    const two = doersOf({ phases: [[{ product, units: -2 }]], weight: told }, [phase], beliefs);
    const one = { product, units: -1 };
    const each = doersOf({ phases: [[one, one]], weight: told }, [phase], beliefs);
    return [...two, ...each].sort((a, b) => b.weight - a.weight)[0]!
      .deeds.map(({ cart, units }) => `${cart} ${-units}`).sort();
  };
  assert.deepEqual(best([2, 0]), ["anna 2"]);
  assert.deepEqual(best([1, 1]), ["anna 1", "ben 1"]);
});

Deno.test("reaches: two hands taken for a neighbour's are seldomer than one", () => {
  const ahead = (hands: number) => {
    const product = { gtin: "20000001", unit_g: 300, deviation_g: 3 };
    const phase: Phase = {
      id: "1.0",
      at_ms: 0,
      level_g: -300 * hands,
      deviation_g: 2,
      reaches: hands,
      actors: [
        { cart: "anna", alone: 3.4, beside: 3.4, reaches: hands },
        { cart: "ben", alone: -1.1, beside: -3, reaches: 0 },
      ],
    };
    const reading = { phases: [[{ product, units: -hands }]], weight: 0 };
    const ways = doersOf(reading, [phase], beliefs);
    const of = (name: string) => ways.find(({ deeds: [deed] }) => deed!.cart === name)!.weight;
    return of("anna") - of("ben");
  };
  const again = Math.log(beliefs.hand_given_again);
  assert.ok(Math.abs(ahead(1) - 4.5) < 1e-9);
  assert.ok(Math.abs(ahead(2) - (4.5 - again)) < 1e-9);
});
