/** The listener on real sockets: taken ports, and leaving with streams and hung requests open. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import { listen } from "./listen.ts";

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

Deno.test("an address of another machine is refused in one line", async () => {
  await assert.rejects(
    listen(app(() => new Response()), { host: "192.0.2.1", port: 0 }),
    /^RuntimeError: cannot listen on 192\.0\.2\.1:0; set http\.host/,
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
