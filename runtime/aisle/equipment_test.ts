/** Devices of an aisle that go and come back: when they are tried again, and what is told. */
import assert from "node:assert/strict";
import { HardwareError } from "../../hardware/errors.ts";
import { handClock } from "../../hardware/simulated/testing.ts";
import { RuntimeError } from "../errors.ts";
import { Equipment } from "./equipment.ts";

const start_ms = 1_790_000_000_000;

function place() {
  const clock = handClock(start_ms);
  const logged: string[] = [];
  const equipment = new Equipment({
    clock,
    // The longest pauses there are.
    random: { bytes: (length) => new Uint8Array(length).fill(255) },
    log: (level, message) => void logged.push(`${level} ${message}`),
  });
  return { clock, logged, equipment };
}

const gone = () => new HardwareError("device_lost", "scale tea is gone: plug it in again");
const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));

Deno.test("a lost device is opened again after growing pauses, and is called lost", async () => {
  const { clock, logged, equipment } = place();
  const tried_ms: number[] = [];
  const told: string[] = [];
  equipment.watch("scale tea", {
    async read(signal, heard) {
      tried_ms.push(clock.now_ms() - start_ms);
      if (tried_ms.length < 4) throw gone();
      heard();
      await until(signal);
    },
    lost: (reason) => void told.push(reason),
  });
  await clock.pass(1_000);
  const [state] = equipment.states;
  assert.deepEqual(state, {
    device: "scale tea",
    state: "lost",
    since_ms: start_ms,
    reason: "scale tea is gone: plug it in again",
    losses: 1,
  });
  await clock.pass(10_000);
  assert.deepEqual(tried_ms, [0, 500, 1_500, 3_500]);
  assert.deepEqual(told, ["scale tea is gone: plug it in again"], "once for one loss");
  assert.deepEqual(logged, ["warn scale tea is lost", "info scale tea is back"]);
  const back = { device: "scale tea", state: "working", since_ms: start_ms + 3_500 };
  assert.deepEqual(equipment.states, [{ ...back, reason: null, losses: 1 }]);
  await equipment.stop();
});

Deno.test("a device that ends by itself is lost; one that worked is soon tried again", async () => {
  const { clock, equipment } = place();
  const tried_ms: number[] = [];
  equipment.watch("readings mqtt", {
    read(_signal, heard) {
      tried_ms.push(clock.now_ms() - start_ms);
      heard();
      return Promise.resolve();
    },
  });
  await clock.pass(1_200);
  assert.deepEqual(tried_ms, [0, 500, 1_000]);
  assert.equal(equipment.states[0]?.losses, 3);
  await equipment.stop();
});

Deno.test("what stops with the gateway is not tried again, and stop waits for none", async () => {
  const { clock, logged, equipment } = place();
  equipment.watch("camera in", { read: (signal) => until(signal) });
  equipment.watch("readings mqtt", {
    read: () => Promise.reject(new RuntimeError("stopped", "the gateway stops")),
  });
  equipment.told("relay in");
  equipment.told("relay in", gone());
  await clock.pass(0);
  const states = equipment.states.map(({ device, state }) => `${device} ${state}`);
  assert.deepEqual(states, ["camera in opening", "readings mqtt opening", "relay in lost"]);
  await equipment.stop();
  assert.deepEqual(logged, ["warn relay in is lost"]);
});
