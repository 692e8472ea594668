/** A walk-out aisle whose gates speak over a real broker, while the gateway is away. */
import assert from "node:assert/strict";
// @ts-types="../../hardware/mqtt/mqtt.d.ts"
import { connectAsync } from "mqtt";
import { openBroker } from "../../hardware/testing/mosquitto.ts";
import { realClock } from "../../runtime/main.ts";
import { Aisle } from "./aisle.ts";
import { Stage } from "./stage.ts";
import { until } from "./waiting.ts";

Deno.test({
  name: "she leaves while the gateway is away: the broker keeps it, and she pays once",
  // The library keeps timers of its own until its sockets are gone.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using broker = await openBroker();
    await using stage = await Stage.open({ aisle: true, broker: broker.url });
    const sender = await connectAsync(broker.url);
    const publish = (...readings: Record<string, unknown>[]) =>
      sender.publishAsync("saunter/readings", JSON.stringify({ readings }), { qos: 1 });
    const passed = (way: "in" | "out", track: string) => ({
      type: "gate.passed",
      gate: way,
      way,
      track,
      at_ms: realClock.now_ms(),
    });
    const aisle = await Aisle.open(stage);
    const ana = await stage.newShopper("Ana Silva");
    await aisle.signUp(ana);
    const { trip, track } = await aisle.enters(ana);
    await aisle.takes(track, "TEA-01", 1);
    await aisle.understood(trip, "TEA-01");
    await until("the gateway hears the broker", async () => {
      await publish(passed("in", "somebody"));
      return Number((await stage.actor("gate/in"))?.context["tailgated"]) > 0;
    });

    await stage.services.killGateway();
    const left = passed("out", track);
    // Whoever tells of it does not hear that it was taken, and tells it again.
    for (let times = 0; times < 2; times++) await publish(left);
    // Of what happened at a shelf meanwhile only this arrives.
    const at_ms = realClock.now_ms();
    await publish({ type: "plate.weighed", plate: "COF-01", at_ms, weight_g: 1 });
    assert.ok(await stage.services.startGateway());
    await aisle.rests();

    const cart = await aisle.comesTo(trip, "paid");
    assert.equal(cart.reason, null, "nobody had to look");
    assert.deepEqual(cart.lines.map(({ units }) => units), [1]);
    const { context } = (await stage.actor(`cart/${trip}`))!;
    assert.deepEqual([context["gone"], context["tracks"]], [1, [track]]);
    assert.equal((await ana.phone.receipts()).length, 1);
    await sender.endAsync();
  },
});
