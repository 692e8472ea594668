/** Readings over a real broker: published, lost with it, kept while nobody is there to read. */
import assert from "node:assert/strict";
// @ts-types="./mqtt.d.ts"
import { connectAsync } from "mqtt";
import { hardwareLimits } from "../limits.ts";
import { type Broker, openBroker } from "../testing/mosquitto.ts";
import { MqttReadings } from "./readings.ts";

const topic = "saunter/readings";
const seen = (at_ms: number) => ({ type: "person.seen", track: "t1", at_ms, x_m: 1, y_m: 2 });
const passed = (at_ms: number) => ({ type: "gate.passed", gate: "out", at_ms });

/** With a reader of the broker, and a way to publish; both gone afterwards. */
function overBroker(
  name: string,
  play: (at: {
    readonly broker: Broker;
    readonly reader: MqttReadings;
    readonly publish: (readings: readonly unknown[], qos?: 0 | 1) => Promise<void>;
  }) => Promise<void>,
): void {
  Deno.test({
    name,
    // The library keeps timers of its own until its sockets are gone.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using broker = await openBroker();
      const reader = new MqttReadings({
        id: "tracker",
        url: broker.url,
        topic: "saunter/#",
        session: "saunter-g1",
      });
      await play({ broker, reader, publish });

      async function publish(readings: readonly unknown[], qos: 0 | 1 = 1): Promise<void> {
        const sender = await connectAsync(broker.url);
        await sender.publishAsync(topic, JSON.stringify({ readings }), { qos });
        await sender.endAsync();
      }
    },
  });
}

/** Publishes until the first reading has come: a subscription takes a moment. */
async function first(
  source: AsyncGenerator<unknown, void, void>,
  publish: () => Promise<void>,
): Promise<unknown> {
  let come = false;
  const next = source.next().finally(() => come = true);
  while (!come) {
    await publish();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return (await next).value;
}

/** So many readings, in the order in which they come; fewer where no more come for long. */
async function some(source: AsyncGenerator<unknown, void, void>, count: number) {
  const readings: unknown[] = [];
  while (readings.length < count) {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), 3_000);
    const next = await Promise.race([source.next(), late.promise]);
    clearTimeout(timer);
    if (next === undefined) break;
    readings.push(next.value);
  }
  return readings;
}

overBroker(
  "readings come over a broker; one that dies is told, and read again when it is back",
  async ({ broker, reader, publish }) => {
    const end = new AbortController();
    const source = reader.readings(end.signal);
    assert.deepEqual(await first(source, () => publish([seen(1)])), seen(1));
    await broker.kill();
    await assert.rejects(async () => {
      for await (const _ of source);
    }, /the broker of tracker is not there/);
    await broker.start();
    const again = reader.readings(end.signal);
    assert.deepEqual(await first(again, () => publish([seen(2)])), seen(2));
    end.abort();
    for await (const reading of again) assert.deepEqual(reading, seen(2));
  },
);

overBroker("a message that is full of readings is read like any other", async (at) => {
  const end = new AbortController();
  const source = at.reader.readings(end.signal);
  const most = Math.floor((hardwareLimits.mqtt_message_bytes - 20) / 2);
  assert.equal(await first(source, () => at.publish([1])), 1);
  await at.publish(new Array(most).fill(2));
  let next: unknown;
  do next = (await source.next()).value; while (next === 1);
  assert.equal(next, 2);
  end.abort();
});

overBroker(
  "what is published while nobody reads comes when somebody does, unless with QoS 0",
  async ({ reader, publish }) => {
    const before = new AbortController();
    const source = reader.readings(before.signal);
    await first(source, () => publish([seen(1)]));
    before.abort();
    await source.return();

    await publish([seen(2)], 0);
    await publish([seen(3), passed(4)]);
    await publish([passed(5)]);
    const after = new AbortController();
    const again = reader.readings(after.signal);
    assert.deepEqual(await some(again, 3), [seen(3), passed(4), passed(5)]);
    after.abort();
  },
);

overBroker(
  "a passage that was not taken comes again, and one that was taken does not",
  async ({ reader, publish }) => {
    const dies = new AbortController();
    const source = reader.readings(dies.signal);
    await first(source, () => publish([seen(1)]));
    await publish([passed(2), seen(3), passed(4)]);
    await publish([passed(5)]);
    let next: unknown;
    do next = (await source.next()).value; while (
      (next as { type: string }).type !== "gate.passed"
    );
    assert.deepEqual([next, ...await some(source, 2)], [passed(2), seen(3), passed(4)]);
    // The third was given, and whoever had it died over it.
    dies.abort();
    await source.return();

    const next_end = new AbortController();
    const again = reader.readings(next_end.signal);
    const told = [passed(2), seen(3), passed(4), passed(5)];
    assert.deepEqual(await some(again, 4), told);
    const more = again.next();
    // Asked for more, it has taken all of them.
    await new Promise((resolve) => setTimeout(resolve, 200));
    next_end.abort();
    assert.equal((await more).done, true);

    const last_end = new AbortController();
    const last = reader.readings(last_end.signal);
    assert.deepEqual(await first(last, () => publish([seen(6)])), seen(6));
    last_end.abort();
  },
);
