/** What every relay of a gate, every lamp and every scale promise, whatever stands behind them. */
import assert from "node:assert/strict";
import { HardwareError } from "../errors.ts";
import type { GatePort, LampPort, ScalePort, Weight } from "../ports.ts";

export interface GateCase {
  readonly gate: GatePort;
  /** Whether somebody could go through now. */
  readonly isOpen: () => boolean;
  /** Lets the time pass for which it stays open. */
  readonly closes: () => Promise<void>;
  /** Takes its power: from now on it is lost. */
  readonly unplug: () => void;
  close(): Promise<void>;
}

export function gateSuite(name: string, make: () => GateCase): void {
  Deno.test(`${name}: opens when asked, and the promise is kept when it has closed`, async () => {
    const { gate, isOpen, closes, close } = make();
    assert.equal(isOpen(), false);
    let over = false;
    const opened = gate.open().then(() => over = true);
    await Promise.resolve();
    assert.deepEqual([isOpen(), over], [true, false]);
    const again = gate.open();
    await closes();
    await Promise.all([opened, again]);
    assert.equal(isOpen(), false);
    await close();
  });

  Deno.test(`${name}: a relay without power is told of, and tried again when asked`, async () => {
    const { gate, isOpen, unplug, close } = make();
    unplug();
    await assert.rejects(gate.open(), (error) => error instanceof HardwareError);
    await assert.rejects(gate.open(), (error) => error instanceof HardwareError);
    assert.equal(isOpen(), false);
    await close();
  });
}

export interface LampCase {
  readonly lamp: LampPort;
  readonly lit: () => readonly string[];
  close(): Promise<void>;
}

export function lampSuite(name: string, make: () => LampCase): void {
  Deno.test(`${name}: shows the lights that are named and no others`, async () => {
    const { lamp, lit, close } = make();
    const [one = "", other = ""] = lamp.lights;
    await lamp.show([one]);
    assert.deepEqual(lit(), [one]);
    await lamp.show([other]);
    assert.deepEqual(lit(), [other]);
    await lamp.show([]);
    assert.deepEqual(lit(), []);
    const strange = { name: "HardwareError", kind: "format_unsupported" };
    await assert.rejects(lamp.show(["of another lamp"]), strange);
    await close();
  });
}

export interface ScaleCase {
  readonly scale: ScalePort;
  /** Puts so much on it, in grams, or takes it away. */
  readonly load: (grams: number) => void;
  /** Lets time pass until it is settled, for an invented clock; a real one needs nothing. */
  readonly during?: <T>(promise: Promise<T>) => Promise<T>;
  readonly tolerance_g: number;
  readonly unplug: () => void;
  close(): Promise<void>;
}

export function scaleSuite(name: string, make: () => ScaleCase): void {
  /** Weighings until one says what is expected. */
  async function until(weights: AsyncIterator<Weight>, made: ScaleCase, grams: number) {
    const { during = (promise) => promise, tolerance_g } = made;
    for (let more = 200; more > 0; more--) {
      const { value } = await during(weights.next());
      if (value !== undefined && Math.abs(value.grams - grams) <= tolerance_g) return;
    }
    assert.fail(`it never said ${grams} g`);
  }

  Deno.test(`${name}: says what lies on it, and ends with the signal`, async () => {
    const made = make();
    const { scale, load, during = (promise) => promise, close } = made;
    const stop = new AbortController();
    const weights = scale.weights(stop.signal)[Symbol.asyncIterator]();
    const first = weights.next();
    load(500);
    assert.equal(typeof (await during(first)).value?.at_ms, "number");
    load(250);
    await until(weights, made, 750);
    load(-500);
    await until(weights, made, 250);
    const last = weights.next();
    stop.abort();
    await during(last);
    assert.equal((await during(weights.next())).done, true);
    await close();
  });

  Deno.test(`${name}: one that is pulled out is told of as lost`, async () => {
    const { scale, load, unplug, during = (promise) => promise, close } = make();
    const weights = scale.weights(new AbortController().signal)[Symbol.asyncIterator]();
    const first = weights.next();
    load(100);
    await during(first);
    unplug();
    await assert.rejects(
      async () => {
        for (;;) if ((await during(weights.next())).done) return;
      },
      (error) => error instanceof HardwareError && error.kind === "device_lost",
    );
    await close();
  });
}
