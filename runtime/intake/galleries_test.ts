/** Whose template is on which camera, and that it is gone when the visit is over. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import type { Eye, Template } from "../world.ts";
import { createGalleries } from "./galleries.ts";

/** A camera's gallery; an admission waits while the gate is shut. */
class TestEye implements Eye {
  readonly held = new Set<string>();
  readonly seen: Float32Array[] = [];
  refuses: RuntimeError | undefined;
  gate: Promise<void> = Promise.resolve();

  async admit(visit: string, template: Template): Promise<void> {
    this.seen.push(template.values);
    await this.gate;
    if (this.refuses) throw this.refuses;
    this.held.add(visit);
  }
  wipe(visit: string): Promise<void> {
    this.held.delete(visit);
    return Promise.resolve();
  }
  lookAgain(): void {}
  close(): Promise<void> {
    return Promise.resolve();
  }
}

function rooms() {
  const logged: string[] = [];
  const galleries = createGalleries((level, message) => void logged.push(`${level} ${message}`));
  const left = new TestEye();
  const right = new TestEye();
  const elsewhere = new TestEye();
  galleries.open("left", "tills", left);
  galleries.open("right", "tills", right);
  galleries.open("elsewhere", "aisle", elsewhere);
  return { galleries, left, right, elsewhere, logged };
}

const template = (): Template => ({ model: "m", preset: "p", values: Float32Array.of(0.6, 0.8) });
const isZero = (values: Float32Array) => values.every((value) => value === 0);

Deno.test("a template goes to every camera of its zone; no number of it stays here", async () => {
  const { galleries, left, right, elsewhere } = rooms();
  const own = template();
  assert.equal(await galleries.admit("v", "tills", own), true);
  assert.deepEqual([left, right, elsewhere].map(({ held }) => [...held]), [["v"], ["v"], []]);
  assert.ok(isZero(own.values));
  for (const values of [...left.seen, ...right.seen]) assert.ok(isZero(values));
  assert.equal(galleries.complete("v", "tills"), true);
  assert.equal(galleries.complete("v", "aisle"), false);
});

Deno.test("one camera that fails is told, the others hold; it is asked again", async () => {
  const { galleries, left, right, logged } = rooms();
  left.refuses = new RuntimeError("overloaded", "the gallery is full");
  assert.equal(await galleries.admit("v", "tills", template()), true);
  assert.equal(galleries.complete("v", "tills"), false);
  assert.deepEqual(logged, ["warn a camera did not take a template"]);
  assert.equal(galleries.refused, 1);
  left.refuses = undefined;
  assert.equal(await galleries.admit("v", "tills", template()), true);
  assert.equal(galleries.complete("v", "tills"), true);
  assert.equal(right.seen.length, 1, "who holds it is not asked again");
});

Deno.test("no camera at all: nothing is held, and nothing stays here", async () => {
  const { galleries } = rooms();
  const own = template();
  assert.equal(await galleries.admit("v", "nowhere", own), false);
  assert.ok(isZero(own.values));
});

Deno.test("a wipe during an admission wins, and is done only when the admission is", async () => {
  const { galleries, left, right } = rooms();
  const gate = Promise.withResolvers<void>();
  left.gate = gate.promise;
  const own = template();
  const admission = galleries.admit("v", "tills", own);
  let wiped = false;
  const wipe = galleries.wipe("v").then(() => wiped = true);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(wiped, false, "a camera may yet take it");
  gate.resolve();
  assert.equal(await admission, false);
  await wipe;
  assert.deepEqual([...left.held, ...right.held], []);
  assert.ok(isZero(own.values));
  assert.equal(await galleries.admit("v", "tills", template()), false, "it stays wiped");
  assert.deepEqual([galleries.reopen("v"), galleries.reopen("v")], [true, false]);
  assert.equal(await galleries.admit("v", "tills", template()), true, "until it comes back");
});

Deno.test("a gallery that is lost during an admission does not count as holding it", async () => {
  const { galleries, left } = rooms();
  const gate = Promise.withResolvers<void>();
  left.gate = gate.promise;
  const admission = galleries.admit("v", "tills", template());
  galleries.lost("left");
  gate.resolve();
  assert.equal(await admission, true, "the other one holds it");
  assert.equal(galleries.complete("v", "tills"), false);
});
