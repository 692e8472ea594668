/** The relay, the lamp and the scale of a simulated aisle keep the promises of their ports. */
import { gateSuite, lampSuite, scaleSuite } from "../../testing/aisle_suites.ts";
import { chanceOf } from "../chance.ts";
import { handClock } from "../testing.ts";
import { SimulatedGate, SimulatedLamp } from "./gate.ts";
import { SimulatedPlate } from "./plate.ts";

const close = () => Promise.resolve();

gateSuite("a simulated gate", () => {
  const clock = handClock(1_790_000_000_000);
  const gate = new SimulatedGate({ id: "in", clock, chance: chanceOf("suite") });
  return {
    gate,
    isOpen: () => gate.isOpen,
    closes: () => clock.pass(10_000),
    unplug: () => gate.unplug(),
    close,
  };
});

lampSuite("a simulated lamp", () => {
  const lamp = new SimulatedLamp("in");
  return { lamp, lit: () => lamp.shown, close };
});

scaleSuite("a simulated scale", () => {
  const clock = handClock(1_790_000_000_000);
  const good = { gtin: "20000011", unit_g: 250, deviation_g: 0 };
  const plate = new SimulatedPlate({
    plan: { id: "tea", x_m: 0, y_m: 0, stock: { [good.gtin]: 4 } },
    goods: new Map([[good.gtin, good]]),
    clock,
    chance: chanceOf("suite"),
    tray_g: -1_000,
  });
  return {
    scale: plate,
    load(grams) {
      for (let units = grams / good.unit_g; units > 0; units--) {
        plate.lay({ gtin: good.gtin, weight_g: good.unit_g });
      }
      for (let units = -grams / good.unit_g; units > 0; units--) plate.lift(good.gtin);
    },
    async during(promise) {
      const [result] = await Promise.all([promise, clock.pass(1_000)]);
      return result;
    },
    tolerance_g: 2,
    unplug: () => plate.unplug(),
    close,
  };
});
