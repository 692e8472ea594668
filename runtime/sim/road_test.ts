/** A spoilt road loses, repeats and cuts, and does so by the seed. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { goodRoad, Road, type RoadState } from "./road.ts";
import { Scheduler } from "./scheduler.ts";

const fail = (error: unknown) => assert.fail(String(error));
const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

function world(state: Partial<RoadState>) {
  const chance = chanceOf("road");
  const clock = new Scheduler({ start_ms: 0, chance, settle, broken: fail });
  const arrived: string[] = [];
  const road = new Road({
    clock,
    chance: chance.fork("road"),
    state: { ...goodRoad, ...state },
    serve: async (request) => {
      arrived.push(await request.text());
      return new Response("done");
    },
  });
  const ask = (body: string, signal?: AbortSignal) =>
    road.fetch(
      new Request("http://x.test/", {
        method: "POST",
        body,
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  return { clock, arrived, ask, road };
}

Deno.test("on a good road each request arrives once and is answered", async () => {
  const { clock, arrived, ask } = world({});
  const answers = Promise.all(["a", "b", "c"].map(async (body) => await (await ask(body)).text()));
  await clock.run(1_000);
  assert.deepEqual(await answers, ["done", "done", "done"]);
  assert.deepEqual(arrived.sort(), ["a", "b", "c"]);
});

Deno.test("what is said twice is answered once", async () => {
  const { clock, arrived, ask } = world({ duplicate: 1 });
  const answer = ask("a");
  await clock.run(1_000);
  assert.equal(await (await answer).text(), "done");
  assert.deepEqual(arrived, ["a", "a"]);
});

Deno.test("a lost request ends with its caller's patience", async () => {
  const { clock, arrived, ask } = world({ loss: 1 });
  const patience = new AbortController();
  const answer = ask("a", patience.signal);
  clock.after(500, () => patience.abort());
  const rejected = assert.rejects(answer, TypeError);
  await clock.run(1_000);
  await rejected;
  assert.deepEqual(arrived, []);
});

Deno.test("an answer may be lost though the deed was done", async () => {
  const fates = new Set<string>();
  const { clock, arrived, ask } = world({ loss: 0.4 });
  for (let number = 0; number < 40; number++) {
    let answered = false;
    ask(String(number)).then(() => void (answered = true), () => {});
    await clock.run(clock.now_ms() + 1_000);
    fates.add(`${arrived.includes(String(number))} ${answered}`);
  }
  assert.deepEqual([...fates].sort(), ["false false", "true false", "true true"]);
});
