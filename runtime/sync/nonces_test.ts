/** Nonces read at a beacon on the simulated air. */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { layOut } from "../../hardware/simulated/plan.ts";
import { Radio, shopAir } from "../../hardware/simulated/radio.ts";
import { handClock } from "../../hardware/simulated/testing.ts";
import { nonceSuite } from "./testing/nonce_suite.ts";

nonceSuite("nonces on the simulated air", () => {
  const clock = handClock(1_790_000_000_000);
  const { beacons } = layOut({
    lanes: [{ id: "1", zone: "tills", camera: "till-1" }],
    beacons: [{ hardware_id: "b-1", zone: "tills" }],
  });
  const air = { ...shopAir, loss: 0 };
  const chance = chanceOf("nonces");
  const radio = new Radio({ beacons, air, chance, clock, where: () => beacons[0]!.at });
  return Promise.resolve({
    letterbox: radio.letterboxes.get("b-1")!,
    phones: [radio.letters("the gateway's other radio")],
    async during(promise) {
      let settled = false;
      const over = () => void (settled = true);
      promise.then(over, over);
      while (!settled) {
        await clock.pass(25);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      return await promise;
    },
    close: () => Promise.resolve(radio.close()),
  });
});
