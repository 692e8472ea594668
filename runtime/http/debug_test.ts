/** What an engineer sees of a running store: actors, histories, streams, figures and pages. */
import assert from "node:assert/strict";
import { kinds } from "../../actors/messages.ts";
import { limits } from "../limits.ts";
import { arrives, basket, openStore, seen, settled, type TestStore } from "./store_fixture.ts";

async function inStore(story: (store: TestStore) => Promise<void>): Promise<void> {
  const store = await openStore();
  try {
    await story(store);
  } finally {
    await store.close();
  }
}

Deno.test("every actor is listed with its state, and one kind alone where that is asked", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    const { body } = await store.json("/debug/actors");
    const found = new Set(body.actors.map((actor: { kind: string }) => actor.kind));
    assert.deepEqual(
      found,
      new Set(["visit", "lane", "beacon", "camera", "display", "link", "stand_in"]),
    );
    const visit = body.actors.find((actor: { address: string }) => actor.address === "visit/v1");
    assert.equal(visit.state, "present");
    assert.equal(visit.context.first_name, "Ada");
    assert.equal(visit.last_event.type, "issuer.visit_opened");
    assert.ok(visit.timers.length > 0 && Number.isInteger(visit.timers[0].due_ms));
    const lanes = await store.json("/debug/actors?kind=lane");
    assert.equal(lanes.body.actors.length, 3);
    assert.equal((await store.json("/debug/actors?kind=ghost")).status, 400);
  }));

Deno.test("a sale can be read in the payment's history, page by page, without a secret", () =>
  inStore(async (store) => {
    await arrives(store, "v1", "Ada");
    const { body } = await store.send("/lane/3/sales", basket("s1"));
    await seen(store, "till-3", "v1");
    const path = `/debug/actors/payment/${body.payment}`;
    const whole = await store.json(`${path}/history`);
    const types = whole.body.history.map((row: { event: { type: string } }) => row.event.type);
    assert.deepEqual(types, [
      "visit.reservation_granted",
      "lane.candidates_changed",
      "lane.sale_opened",
    ]);
    assert.equal(whole.body.history[0].from, "visit/v1");
    assert.equal(whole.body.history[0].commands[0].type, "issuer.authorise");
    assert.equal(whole.body.next, null);

    const first = await store.json(`${path}/history?limit=1`);
    assert.equal(first.body.history.length, 1);
    const second = await store.json(`${path}/history?limit=1&before=${first.body.next}`);
    assert.equal(second.body.history[0].event.type, "lane.candidates_changed");

    for (
      const page of ["/debug/actors", path, `${path}/history`, "/debug/actors/visit/v1/history"]
    ) {
      assert.doesNotMatch(JSON.stringify((await store.json(page)).body), /payload-secret/, page);
    }
    const beyond = `${path}/history?limit=${limits.history_page + 1}`;
    assert.equal((await store.json(beyond)).status, 400);
  }));

Deno.test("an actor that is done is still found; one that never was is not", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    await store.send(`/lane/1/sales/${body.payment}/cancellation`, { operator: "kim" });
    const done = await store.json(`/debug/actors/payment/${body.payment}`);
    assert.equal(done.body.done, true);
    assert.equal(done.body.state, "cancelled");
    assert.equal((await store.json("/debug/actors/visit/nobody")).status, 404);
    assert.equal((await store.json("/debug/actors/ghost/1")).status, 400);
  }));

Deno.test("the stream tells each step, of all or of one, and ends with the gateway", () =>
  inStore(async (store) => {
    const open = async (path: string) => (await store.app.request(path)).text();
    const all = open("/debug/events");
    const one = open("/debug/events?address=lane/2");
    const visits = open("/debug/events?kind=visit");
    await settled();
    await store.send("/lane/1/sales", basket("s1"));
    await store.send("/lane/2/sales", basket("s2"));
    await arrives(store, "v1", "Ada");
    store.app.close();
    const addresses = async (text: Promise<string>) =>
      new Set([...(await text).matchAll(/"address":"([a-z]+\/\w+)/g)].map((match) => match[1]));
    const heard = await addresses(all);
    for (const address of ["lane/1", "lane/2", "visit/v1"]) assert.ok(heard.has(address), address);
    assert.deepEqual(await addresses(one), new Set(["lane/2"]));
    assert.deepEqual(await addresses(visits), new Set(["visit/v1"]));
    assert.match(await all, /event: ended\ndata: \{"reason":"the gateway is stopping"\}\n\n$/);
    assert.doesNotMatch(await all, /payload-secret/);
    assert.equal((await store.app.request("/debug/events")).status, 503);
  }));

Deno.test("a reader that falls behind is told so and let go", () =>
  inStore(async (store) => {
    const response = await store.app.request("/debug/events");
    for (let turn = 0; turn < limits.stream_queue; turn++) {
      await store.engine.post("lane/1", { type: "link.online" });
    }
    const metrics = await (await store.app.request("/metrics")).text();
    assert.match(metrics, /^saunter_http_debug_streams 0$/m);
    assert.match(metrics, /^saunter_refusals_total\{what="slow_page"\} 1$/m);
    assert.match(await response.text(), /"reason":"the reader fell behind"\}\n\n$/);
  }));

Deno.test("so many pages may look on, and no more; one that leaves makes room", () =>
  inStore(async (store) => {
    const open: Response[] = [];
    for (let page = 0; page < limits.debug_streams; page++) {
      open.push(await store.app.request("/debug/events"));
    }
    const refused = await store.app.request("/debug/events");
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "5");
    const metrics = await (await store.app.request("/metrics")).text();
    assert.match(metrics, /^saunter_refusals_total\{what="debug_stream"\} 1$/m);
    await open[0]?.body?.cancel();
    const next = await store.app.request("/debug/events");
    assert.equal(next.status, 200);
    await Promise.all([next, ...open.slice(1)].map((response) => response.body?.cancel()));
  }));

Deno.test("who asks for a stream's head alone keeps no place", () =>
  inStore(async (store) => {
    for (const path of ["/debug/events", "/lane/1/events", "/display/tills/events"]) {
      const head = await store.app.request(path, { method: "HEAD" });
      assert.deepEqual([head.status, head.body], [200, null], path);
    }
    const metrics = await (await store.app.request("/metrics")).text();
    for (const page of ["debug", "lane", "display"]) {
      assert.match(metrics, new RegExp(`^saunter_http_${page}_streams 0$`, "m"));
    }
  }));

Deno.test("a quiet stream shows that it lives", () =>
  inStore(async (store) => {
    const response = await store.app.request("/debug/events");
    const text = response.text();
    await store.clock.advance(limits.stream_beat_ms);
    store.app.close();
    assert.equal((await text).match(/^: beat$/gm)?.length, 2);
  }));

Deno.test("each kind's machine is told as it runs", () =>
  inStore(async (store) => {
    for (const kind of kinds) {
      const { status, body } = await store.json(`/debug/machines/${kind}`);
      assert.equal(status, 200);
      const paths = body.states.map((state: { path: string }) => state.path);
      assert.equal(new Set(paths).size, paths.length);
      for (const { transitions } of body.states) {
        for (const { targets } of transitions) {
          for (const target of targets) assert.ok(paths.includes(target), `${kind}: ${target}`);
        }
      }
    }
    const { body } = await store.json("/debug/machines/payment");
    const awaiting = body.states.find((state: { path: string }) =>
      state.path === "awaiting_authorisation"
    );
    const timeout = awaiting.transitions.find((each: { by: string }) => each.by === "time");
    assert.equal(timeout.event, "authorisationTimeout");
    assert.deepEqual(timeout.targets, ["reversing"]);
    assert.deepEqual(body.births, ["lane.sale_opened", "cart.priced"]);
  }));

Deno.test("ready when the journal holds and every camera sees; the link is told beside it", () =>
  inStore(async (store) => {
    assert.equal((await store.json("/readyz")).status, 200);
    await store.post("link/issuer", { type: "link.lost", reason: "no_answer" });
    const offline = await store.json("/readyz");
    assert.equal(offline.status, 200);
    assert.deepEqual(offline.body.checks.at(-1), {
      name: "link/issuer",
      ok: false,
      detail: "offline",
    });
    await store.post("camera/till-2", { type: "camera.failed", reason: "unplugged" });
    const { status, body } = await store.json("/readyz");
    assert.equal(status, 503);
    const missing = body.checks.find((check: { name: string }) => check.name === "camera/till-2");
    assert.deepEqual(missing, { name: "camera/till-2", ok: false, detail: "failed" });
  }));

Deno.test("figures are Prometheus text: sales by outcome, actors by kind", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    await store.send(`/lane/1/sales/${body.payment}/cancellation`, { operator: "kim" });
    const response = await store.app.request("/metrics");
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    assert.match(text, /^saunter_sales_total\{outcome="cancelled"\} 1$/m);
    assert.match(text, /^saunter_sales_total\{outcome="captured"\} 0$/m);
    assert.match(text, /^saunter_actors\{kind="lane"\} 3$/m);
    const named = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
    assert.equal(new Set(named).size, named.length, "Prometheus takes each family once");
    for (const line of text.trim().split("\n")) {
      assert.match(line, /^(# (HELP|TYPE) saunter_\w+ .+|saunter_\w+(\{\w+="\w+"\})? \d+)$/);
    }
  }));

Deno.test("the API describes itself", () =>
  inStore(async (store) => {
    const { status, body } = await store.json("/openapi.json");
    assert.equal(status, 200);
    assert.equal(body.openapi, "3.1.0");
    for (
      const path of [
        "/lane/{lane}/sales",
        "/lane/{lane}/sales/{payment}",
        "/lane/{lane}/sales/{payment}/selection",
        "/lane/{lane}/sales/{payment}/cancellation",
        "/debug/actors",
        "/readyz",
      ]
    ) assert.ok(body.paths[path], path);
    assert.ok(body.components.schemas.Sale.properties.outcome);
  }));

Deno.test("the pages and all they are made of are served, with scripts from here alone", () =>
  inStore(async (store) => {
    const seenPaths = new Set<string>();
    const visit = async (path: string): Promise<void> => {
      if (seenPaths.has(path)) return;
      seenPaths.add(path);
      const response = await store.app.request(path);
      assert.equal(response.status, 200, path);
      const text = await response.text();
      assert.doesNotMatch(text, /innerHTML\s*=[^=]|https?:\/\//, path);
      const type = path.endsWith(".js") ? "javascript" : path.endsWith(".css") ? "css" : "html";
      assert.match(response.headers.get("content-type") ?? "", new RegExp(type), path);
      for (const [, next] of text.matchAll(/(?:src|href)="(\/[^"]+)"/g)) await visit(next ?? "");
      for (const [, next] of text.matchAll(/from "\.(\/[^"]+\.js)"/g)) await visit(`/pages${next}`);
    };
    await visit("/debug/");
    await visit("/lane/1");
    await visit("/aisle/");
    assert.ok(seenPaths.size >= 10, [...seenPaths].join(" "));
    assert.equal((await store.app.request("/lane/9")).status, 404);
    assert.equal((await store.app.request("/debug")).status, 302);
  }));

Deno.test("a fault is told to the operator and not to the caller", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    const broken = store.engine as { view: unknown };
    broken.view = () => {
      throw new Error("row 7 is torn");
    };
    const answer = await store.json(`/lane/1/sales/${body.payment}`);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(JSON.stringify(answer.body), /torn|\.ts/);
    assert.ok(store.logged.some((line) => line.includes("row 7 is torn")));
  }));

Deno.test("when so many wait already, the next is answered at once, and counted", () =>
  inStore(async (store) => {
    const { body } = await store.send("/lane/1/sales", basket("s1"));
    const leaving = new AbortController();
    const ask = () =>
      store.app.request(`/lane/1/sales/${body.payment}?wait_ms=60000`, { signal: leaving.signal });
    const waiting = Array.from({ length: limits.waiting_callers }, ask);
    await settled();
    assert.equal((await ask()).status, 202, "in progress: it may ask again");
    const metrics = await (await store.app.request("/metrics")).text();
    assert.match(metrics, /^saunter_refusals_total\{what="waiting_caller"\} 1$/m);
    leaving.abort();
    await Promise.all(waiting);
  }));
