/**
 * A store as its user meets it: started with the task, watched over HTTP, killed in the middle of a
 * sale, stopped, and given what it cannot use.
 */
import assert from "node:assert/strict";
import { ownStore, startStore, summaryOf } from "./testing/store_process.ts";

interface SeenActor {
  readonly address: string;
  readonly kind: string;
  readonly state: unknown;
}

/** The end of a reservation; it brings the receipt when somebody was charged. */
const released = "payment.reservation_released";

interface SeenStep {
  readonly event: { readonly type: string; readonly receipt?: unknown };
}

async function actorsOf(url: string, kind?: string): Promise<SeenActor[]> {
  const response = await fetch(`${url}/debug/actors${kind === undefined ? "" : `?kind=${kind}`}`);
  const { actors } = await response.json();
  return actors;
}

/** True as soon as a payment waits for the issuer; false when none did for a long time. */
async function askingTheIssuer(url: string): Promise<boolean> {
  const response = await fetch(`${url}/debug/events?kind=payment`, {
    signal: AbortSignal.timeout(120_000),
  });
  const text = response.body!.pipeThrough(new TextDecoderStream());
  for await (const part of text) if (part.includes('"awaiting_authorisation"')) return true;
  return false;
}

/** Resolves when the aisle's display shows what somebody has just taken from a shelf. */
async function pickedBeside(url: string): Promise<void> {
  const response = await fetch(`${url}/display/aisle/events`, {
    signal: AbortSignal.timeout(120_000),
  });
  const text = response.body!.pipeThrough(new TextDecoderStream());
  for await (const part of text) if (part.includes('"picked":true')) return;
  assert.fail("the display of the aisle showed nothing");
}

const listening = /^gateway: process (\d+), listening on (\S+);/;

Deno.test("a store sells, and its four books agree", async () => {
  await using own = await ownStore();
  await using store = startStore(...own.flags, "--for", "30s", "--seed", "7");
  const [, , url] = await store.line(listening);
  await store.line(/has receipt/);
  await store.line(/walks in/);

  const kinds = new Set((await actorsOf(url!)).map(({ kind }) => kind));
  const places = ["beacon", "camera", "display", "gate", "lane", "link", "shelf", "stand_in"];
  // Whether somebody has changed data or brought something back by now is chance.
  for (const seldom of ["change", "refund"]) kinds.delete(seldom);
  assert.deepEqual([...kinds].sort(), [...places, "cart", "payment", "visit"].sort());

  const { aisle } = await (await fetch(`${url}/debug/store`)).json();
  const states = aisle.equipment.map((
    { device, state }: Record<string, string>,
  ) => [device, state]);
  assert.ok(states.length >= 8, "relay, lamp, camera, tracker and scales");
  assert.deepEqual(states.filter(([, state]: string[]) => state !== "working"), []);

  await store.line(/takes /);
  await pickedBeside(url!);

  const { code, out, err } = await store.ended;
  const summary = summaryOf(out);
  assert.equal(summary.violations, 0, out);
  assert.ok(summary.sales >= 3, out);
  assert.ok(summary.captured_minor > 0);
  const { trips = 0, paid = 0, owed = 0, empty = 0 } = summary.walk_out ?? {};
  assert.ok(paid >= 1, out);
  assert.equal(paid + owed + empty, trips, "each trip has its end");
  assert.equal(code, 0, err);
});

Deno.test("a visit can be followed from check-in to receipt in its history", async () => {
  await using own = await ownStore();
  await using store = startStore(...own.flags, "--seed", "3");
  const [, , url] = await store.line(listening);
  await store.line(/receipt/);

  const told = await Promise.all(
    (await actorsOf(url!, "visit")).map(async ({ address }) => {
      const answer = await fetch(`${url}/debug/actors/${address}/history?limit=200`);
      return (await answer.json()).history as SeenStep[];
    }),
  );
  const story = told.find((steps) => steps.some(({ event }) => typeof event.receipt === "string"));
  assert.ok(story, "somebody has a receipt and is still here");
  const words = story.map(({ event }) => event.type).reverse();
  const expected = ["issuer.visit_opened", "payment.reservation_asked", released];
  assert.deepEqual(expected.filter((word) => words.includes(word)), expected);
  assert.equal(words[0], "issuer.visit_opened");
  assert.ok(!JSON.stringify(told).includes("eyJ"), "no token in a history");
  store.signal("SIGINT");
  assert.equal((await store.ended).code, 0);
});

Deno.test("killed in the middle of a sale, it ends that sale exactly once", async () => {
  await using own = await ownStore();
  const first = startStore(...own.flags, "--seed", "5");
  const [, pid, url] = await first.line(listening);
  await first.line(/pays/);
  assert.ok(await askingTheIssuer(url!), "a sale is under way in two minutes");
  Deno.kill(Number(pid), "SIGKILL");
  const killed = await first.ended;
  assert.notEqual(killed.code, 0);
  assert.match(killed.err, /the gateway was ended by SIGKILL/);

  const second = startStore(...own.flags, "--seed", "5", "--for", "20s");
  const { code, out, err } = await second.ended;
  assert.equal(summaryOf(out).violations, 0, out);
  assert.equal(code, 0, err);
});

Deno.test("what it cannot use is told in one line", async (test) => {
  const refused = async (flags: string[], expected: RegExp) => {
    const { code, err, out } = await startStore(...flags).ended;
    assert.notEqual(code, 0);
    const said = err.trim().split("\n");
    assert.equal(said.length, 1, `${err}${out}`);
    assert.match(said[0]!, expected);
  };
  await using own = await ownStore();
  const config = `${own.folder}/store.json`;
  const written = JSON.parse(await Deno.readTextFile(config));

  await test.step("an unknown flag", () => refused(["--frobnicate"], /--frobnicate.*--help/));
  await test.step("a time that is none", () => refused(["--for", "soon"], /--for takes/));
  await test.step("a configuration that is not there", () =>
    refused(["--config", "/nowhere.json"], /cannot read \/nowhere\.json/));
  await test.step("a busy port", async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: written.http.port });
    assert.equal(taken.addr.port, written.http.port);
    await refused(own.flags, /port \d+ .*(taken|in use)/);
  });
  await test.step("a corrupt journal", async () => {
    await Deno.writeTextFile(`${written.data}/gateway.sqlite`, "no database ".repeat(1_000));
    await refused(own.flags, /gateway\.sqlite/);
    await Deno.remove(`${written.data}/gateway.sqlite`);
  });
  await test.step("a model whose sidecar does not fit", async () => {
    const sidecar = `${own.folder}/embedder.json`;
    await Deno.writeTextFile(sidecar, JSON.stringify({ kind: "embedder" }));
    const models = ["--detector", sidecar, "--embedder", sidecar];
    await refused([...own.flags, ...models], /embedder\.json/);
  });
});
