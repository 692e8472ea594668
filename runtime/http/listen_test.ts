/** The listener on real sockets: taken ports, and leaving with streams and hung requests open. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import { listen } from "./listen.ts";
import { basket, openStore, settled } from "./store_fixture.ts";

const anywhere = { host: "127.0.0.1", port: 0 };
const app = (fetch: (request: Request) => Response | Promise<Response>, close = () => {}) => ({
  fetch,
  close,
});

Deno.test("a taken port is told with the way out", async () => {
  const first = await listen(app(() => new Response("here")), anywhere);
  try {
    const url = new URL(first.url);
    await assert.rejects(
      listen(app(() => new Response("there")), { host: url.hostname, port: first.port }),
      (error) => {
        assert.ok(error instanceof RuntimeError);
        assert.equal(error.kind, "port_busy");
        assert.match(error.message, new RegExp(`port ${first.port} .*http\\.port`));
        return true;
      },
    );
    assert.equal(await (await fetch(first.url)).text(), "here");
  } finally {
    await first.close();
  }
});

Deno.test("an address that cannot be had is refused in one line, with the way out", async () => {
  const host = "192.0.2.1";
  const { state } = Deno.permissions.querySync({ name: "net", host });
  await assert.rejects(
    listen(app(() => new Response()), { host, port: 0 }),
    state === "granted"
      ? /^RuntimeError: cannot listen on 192\.0\.2\.1:0; set http\.host/
      : /^RuntimeError: not permitted to listen on 192\.0\.2\.1:0; start with --allow-net=/,
  );
});

Deno.test("closing ends streams first, then the server, and cuts off what hangs", async () => {
  let end = () => {};
  let hanging = 0;
  const told: string[] = [];
  const listener = await listen(
    app((request) => {
      if (new URL(request.url).pathname === "/hang") {
        hanging++;
        return new Promise(() => {});
      }
      return new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("open"));
            end = () => {
              controller.enqueue(new TextEncoder().encode(", ended"));
              controller.close();
            };
          },
        }),
      );
    }, () => {
      told.push("close");
      end();
    }),
    anywhere,
  );
  const stream = await fetch(`${listener.url}/stream`);
  const hung = fetch(`${listener.url}/hang`).then(
    (response) => response.text().then(() => "answered", () => "cut"),
    () => "cut",
  );
  while (hanging === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([listener.close(), listener.close()]);
  assert.deepEqual(told, ["close"]);
  assert.equal(await stream.text(), "open, ended");
  assert.equal(await hung, "cut");
  await assert.rejects(fetch(listener.url));
});

Deno.test("over a socket: who hangs up frees a place, who still waits is answered", async () => {
  const store = await openStore();
  const listener = await listen(store.app, anywhere);
  const waiters = async () => {
    const text = await (await store.app.request("/metrics")).text();
    return Number(/^saunter_http_waiting_callers (\d+)$/m.exec(text)?.[1]);
  };
  const until = async (count: number) => {
    while (await waiters() !== count) await settled();
  };
  const sell = (service_id: string, lane: string, signal: AbortSignal | null = null) =>
    fetch(`${listener.url}/lane/${lane}/sales`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(basket(service_id, { wait_ms: 60_000 })),
      signal,
    });
  try {
    const leaving = new AbortController();
    const left = assert.rejects(sell("s1", "1", leaving.signal), { name: "AbortError" });
    await until(1);
    leaving.abort();
    await left;
    await until(0);

    const events = await fetch(`${listener.url}/debug/events`);
    const waiting = sell("s2", "2");
    await until(1);
    await listener.close();
    assert.equal((await (await waiting).json()).state, "awaiting_candidates");
    assert.match(await events.text(), /event: ended/);
  } finally {
    await listener.close();
    await store.close();
  }
});
