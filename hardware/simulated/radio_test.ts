/** The promises of beacons and of phones' radios, held by those of the simulated shop. */
import { beaconSuite } from "../testing/beacon_suite.ts";
import { chanceOf } from "./chance.ts";
import { layOut } from "./plan.ts";
import { Radio, shopAir } from "./radio.ts";
import { handClock } from "./testing.ts";

const hardware_id = "b-1";

beaconSuite("simulated", () => {
  const clock = handClock(1_790_000_000_000);
  const { beacons } = layOut({
    lanes: [{ id: "1", zone: "tills", camera: "till-1" }],
    beacons: [{ hardware_id, zone: "tills" }],
  });
  const at = beacons[0]!.at;
  const radio = new Radio({
    beacons,
    air: shopAir,
    chance: chanceOf("beacons"),
    clock,
    where: () => at,
  });
  return Promise.resolve({
    beacon: radio.beacons.get(hardware_id)!,
    phone: radio.phone("ana"),
    now_ms: () => clock.now_ms(),
    pass: (duration_ms: number) => clock.pass(duration_ms),
    // With the random delay behind each.
    interval_ms: shopAir.interval_ms + 10,
    unplug: () => radio.close(),
    close: () => Promise.resolve(radio.close()),
  });
});
