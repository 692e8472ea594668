/** Readings over a real broker, Debian's mosquitto: published, lost with it, and there again. */
import assert from "node:assert/strict";
// @ts-types="./mqtt.d.ts"
import { connectAsync } from "mqtt";
import { hardwareLimits } from "../limits.ts";
import { MqttReadings } from "./readings.ts";

const mosquitto = "/usr/sbin/mosquitto";

/** A port that nobody listens on now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function broker(folder: string, port: number) {
  const file = `${folder}/mosquitto.conf`;
  await Deno.writeTextFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const process = new Deno.Command(mosquitto, {
    args: ["-c", file],
    stdout: "null",
    stderr: "null",
  })
    .spawn();
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    async stop() {
      process.kill("SIGKILL");
      await process.status;
    },
  };
}

/** Publishes until the first reading has come: a subscription takes a moment. */
async function first(url: string, source: AsyncGenerator<unknown, void, void>, reading: unknown) {
  const next = source.next();
  const sender = await connectAsync(url);
  const timer = setInterval(
    () => sender.publish("saunter/readings", JSON.stringify({ readings: [reading] }), { qos: 1 }),
    100,
  );
  try {
    return (await next).value;
  } finally {
    clearInterval(timer);
    await sender.endAsync();
  }
}

Deno.test({
  name: "readings come over a broker; one that dies is told, and read again when it is back",
  // The library keeps timers of its own until its sockets are gone.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "mqtt" });
    const port = freePort();
    const url = `mqtt://127.0.0.1:${port}`;
    const port_of_readings = new MqttReadings({ id: "tracker", url, topic: "saunter/#" });
    const seen = { type: "person.seen", track: "t1", at_ms: 1, x_m: 1, y_m: 2 };
    const end = new AbortController();
    let running = await broker(folder, port);
    try {
      const source = port_of_readings.readings(end.signal);
      assert.deepEqual(await first(url, source, seen), seen);
      await running.stop();
      await assert.rejects(async () => {
        for await (const _ of source);
      }, /the broker of tracker is not there/);
      running = await broker(folder, port);
      const again = port_of_readings.readings(end.signal);
      assert.deepEqual(await first(url, again, { ...seen, at_ms: 2 }), { ...seen, at_ms: 2 });
      end.abort();
      for await (const reading of again) assert.deepEqual(reading, { ...seen, at_ms: 2 });
    } finally {
      end.abort();
      await running.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a message that is full of readings is read like any other",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "mqtt" });
    const port = freePort();
    const url = `mqtt://127.0.0.1:${port}`;
    const running = await broker(folder, port);
    const end = new AbortController();
    const source = new MqttReadings({ id: "tracker", url, topic: "saunter/#" }).readings(
      end.signal,
    );
    try {
      const most = Math.floor((hardwareLimits.mqtt_message_bytes - 20) / 2);
      assert.equal(await first(url, source, 1), 1);
      const sender = await connectAsync(url);
      const readings = new Array(most).fill(2);
      sender.publish("saunter/readings", JSON.stringify({ readings }), { qos: 1 });
      await sender.endAsync();
      let next: unknown;
      do next = (await source.next()).value; while (next === 1);
      assert.equal(next, 2);
    } finally {
      end.abort();
      await running.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
