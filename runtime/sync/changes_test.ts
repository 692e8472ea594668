/** A face goes from the camera to the issuer, and each way in which it cannot is told. */
import assert from "node:assert/strict";
import type { ChangeAnswer } from "../../actors/messages.ts";
import type { Effect, EventLike } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import type { Probe } from "../world.ts";
import { wireChanges } from "./changes.ts";
import { IssuerRefusal } from "./contract/port.ts";

const command = {
  type: "change.prove",
  change: "c1",
  lane: "1",
  camera: "till-1",
  visit: "v1",
  nonce: "n",
} as const;
const applied: ChangeAnswer = {
  type: "issuer.change_ended",
  outcome: "applied",
  reason: null,
  tries_left: null,
  effective_at_ms: 7,
};
const seen = (): Probe => ({
  template: { model: "m", preset: "p", values: new Float32Array([1, 0]) },
  frames: 5,
  liveness: "passed",
  seen_at_ms: 3,
});

async function toldOf(
  probe: () => Promise<Probe | undefined>,
  proveChange: () => Promise<ChangeAnswer> = () => Promise.resolve(applied),
): Promise<EventLike[]> {
  const told: EventLike[] = [];
  let run: ((given: typeof command) => void) | undefined;
  wireChanges({
    engine: {
      effect: (_type: string, effect: Effect<never>) => void (run = effect as typeof run),
      post(to, event) {
        assert.equal(to, "change/c1");
        told.push(event);
        return Promise.resolve({ accepted: true, view: undefined });
      },
    },
    issuer: { proveChange },
    probe: ({ camera }) => {
      assert.equal(camera, "till-1");
      return probe();
    },
    log: () => {},
  });
  run?.(command);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return told;
}

Deno.test("the issuer's word on the face is told to the change", async () => {
  assert.deepEqual(await toldOf(() => Promise.resolve(seen())), [applied]);
});

Deno.test("nobody came, a blind camera, an issuer that will not: not proved, and why", async () => {
  const reasonOf = async (...given: Parameters<typeof toldOf>) => {
    const [event, ...more] = await toldOf(...given);
    assert.deepEqual([event?.type, more], ["change.not_proved", []]);
    return (event as { reason?: string }).reason;
  };
  const sees = () => Promise.resolve(seen());
  assert.equal(await reasonOf(() => Promise.resolve(undefined)), "no_face");
  const blind = () => Promise.reject(new RuntimeError("stopped", "camera till-1 is not seeing"));
  assert.equal(await reasonOf(blind), "not_proved");
  const away = () => Promise.reject(new RuntimeError("issuer_unreachable", "no answer"));
  assert.equal(await reasonOf(sees, away), "not_proved");
  const refuses = () => Promise.reject(new IssuerRefusal("change_unknown", "none"));
  assert.equal(await reasonOf(sees, refuses), "change_unknown");
});
