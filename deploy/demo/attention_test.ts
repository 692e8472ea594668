/** Whoever is asked to turn the head by the lane's display does, as it asks and no further. */
import assert from "node:assert/strict";
import { Attention } from "./attention.ts";

/** A lane whose display shows one thing after the other. */
function display(states: readonly (object | "away")[]) {
  const turned: string[] = [];
  const asked: string[] = [];
  let at = 0;
  const attention = new Attention({
    gateway: "http://gateway.test",
    lane: "3",
    posKey: "k",
    clock: {
      now_ms: () => 0,
      after(_, call) {
        queueMicrotask(call);
        return () => {};
      },
    },
    fetch(request) {
      asked.push(`${new URL(request.url).pathname} ${request.headers.get("authorization")}`);
      const shown = states[at++];
      if (shown === "away") return Promise.reject(new TypeError("no connection"));
      return Promise.resolve(Response.json(shown ?? { sale: null, turn: null }));
    },
    turn: (side) => void turned.push(side ?? "back"),
  });
  return { attention, turned, asked };
}

const during = (turn: object | null) => ({ sale: { state: "awaiting_turn" }, turn });
const asks = (side: string, left: number) => during({ state: "asked", side, left });

Deno.test("each side is turned to once, however often the display is read", async () => {
  const { attention, turned, asked } = display([
    during(null),
    during({ state: "facing", left: 3 }),
    asks("left", 3),
    asks("left", 3),
    during({ state: "facing", left: 2 }),
    asks("left", 2),
    asks("right", 1),
    during({ state: "met" }),
    { sale: { state: "awaiting_reservation" }, turn: null },
  ]);
  await attention.follow();
  assert.deepEqual(turned, ["left", "back", "left", "right", "back"]);
  assert.equal(asked[0], "/lane/3/now Bearer k");
  assert.equal(asked.length, 9);
});

Deno.test("after a failed try the next begins from the start", async () => {
  const { attention, turned } = display([
    asks("left", 1),
    during({ state: "failed", reason: "wrong_side" }),
    asks("right", 3),
  ]);
  await attention.follow();
  assert.deepEqual(turned, ["left", "back", "right", "back"]);
});

Deno.test("it is read once at a time, and not while the gateway is away", async () => {
  const { attention, turned, asked } = display([asks("left", 3), "away"]);
  await Promise.all([attention.follow(), attention.follow()]);
  assert.deepEqual(turned, ["left", "back"]);
  assert.equal(asked.length, 2);
});

Deno.test("what a change of account data asks for is done as well", async () => {
  const { attention, turned, asked } = display([
    { sale: null, turn: { state: "facing", left: 3 } },
    { sale: null, turn: { state: "asked", side: "right", left: 3 } },
    { sale: null, turn: { state: "met" } },
    { sale: null, turn: { state: "asked", side: "left", left: 3 } },
  ]);
  await attention.follow();
  assert.deepEqual(turned, ["right", "back"]);
  assert.equal(asked.length, 3);
});
