/** The promises of the camera port, held by the cameras that need no equipment. */
import { RecordedCamera } from "./recorded/camera.ts";
import { createFloor } from "./simulated/floor.ts";
import { layOut } from "./simulated/plan.ts";
import { handClock } from "./simulated/testing.ts";
import { cameraSuite } from "./testing/camera_suite.ts";

cameraSuite("simulated", () => {
  const clock = handClock(1_790_000_000_000);
  const floor = createFloor({
    plan: layOut({
      lanes: [{ id: "1", zone: "tills", camera: "till-1" }],
      beacons: [{ hardware_id: "b-1", zone: "tills" }],
    }),
    seed: 1,
    clock,
    people: [],
  });
  return {
    camera: floor.devices.cameras.get("till-1")!,
    pass: (duration_ms) => clock.pass(duration_ms),
    now_ms: () => clock.now_ms(),
    exclusive: true,
    close: () => floor.devices.close(),
  };
});

cameraSuite("recorded", () => {
  const clock = handClock(1_790_000_000_000);
  return {
    camera: new RecordedCamera({ id: "till-1", clock }),
    pass: (duration_ms) => clock.pass(duration_ms),
    now_ms: () => clock.now_ms(),
    exclusive: false,
    close: () => Promise.resolve(),
  };
});
