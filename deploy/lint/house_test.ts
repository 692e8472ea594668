/// <reference lib="deno.unstable" />
/** What the lint plugin refuses and what it lets pass, file by file. */
import assert from "node:assert/strict";
import plugin from "./house.ts";

const top = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** Messages for a file of this name with this text. */
const found = (path: string, text: string) =>
  Deno.lint.runPlugin(plugin, top + path, text).map(({ id, message }) => `${id}: ${message}`);
const refused = (path: string, text: string, rule: string) =>
  assert.deepEqual(
    [...new Set(found(path, text).map((line) => line.split(":")[0]))],
    [rule],
    `${path}: ${text}`,
  );
const passes = (path: string, text: string) => assert.deepEqual(found(path, text), []);

Deno.test("arrows: what is below may be imported, what is above or beside may not", () => {
  passes("runtime/engine/a.ts", `import { b } from "../journal/b.ts";`);
  passes("runtime/gateway.ts", `import { b } from "./sync/b.ts";`);
  passes("deploy/start.ts", `import { b } from "../runtime/gateway.ts";`);
  passes("deploy/enrol/shopper.ts", `import { b } from "../../runtime/real.ts";`);
  refused("runtime/engine/a.ts", `import { b } from "../real.ts";`, "house/arrows");
  refused("runtime/sim/a.ts", `import { b } from "../real.ts";`, "house/arrows");
  passes("runtime/config/schema.ts", `import { b } from "../errors.ts";`);
  refused("runtime/journal/a.ts", `import { b } from "../engine/b.ts";`, "house/arrows");
  refused("runtime/sync/a.ts", `import { b } from "../http/b.ts";`, "house/arrows");
  refused("runtime/errors.ts", `import { b } from "./gateway.ts";`, "house/arrows");
  refused("runtime/gateway.ts", `import { b } from "./main.ts";`, "house/arrows");
  refused("runtime/main.ts", `import { b } from "../deploy/b.ts";`, "house/arrows");
  refused("hardware/a.ts", `import { b } from "../wasm/b.ts";`, "house/arrows");
  refused("wasm/a.ts", `import { b } from "../actors/b.ts";`, "house/arrows");
});

Deno.test("arrows: every way of naming a module is seen", () => {
  for (
    const text of [
      `import type { b } from "../runtime/gateway.ts";`,
      `import "../runtime/gateway.ts";`,
      `export { b } from "../runtime/gateway.ts";`,
      `export * from "../runtime/gateway.ts";`,
      `const b = await import("../runtime/gateway.ts");`,
      `type B = import("../runtime/gateway.ts").B;`,
      `new Worker(new URL("../runtime/gateway.ts", import.meta.url));`,
    ]
  ) refused("hardware/a.ts", text, "house/arrows");
});

Deno.test("arrows: a room that the plan does not know is refused", () => {
  refused("runtime/attic/a.ts", `const a = 1;`, "house/arrows");
  passes("runtime/engine/deep/a.ts", `const a = 1;`);
});

Deno.test("arrows: a machine knows xstate only", () => {
  passes("actors/visit.ts", `import { setup } from "xstate";`);
  refused("actors/visit.ts", `import { z } from "zod";`, "house/arrows");
  refused("actors/visit.ts", `import { createHash } from "node:crypto";`, "house/arrows");
  passes("actors/visit_test.ts", `import assert from "node:assert/strict";`);
  passes("actors/testing/shop.ts", `import assert from "node:assert/strict";`);
});

Deno.test("arrows: the world names the journal's port, by type only", () => {
  passes("runtime/world.ts", `import type { Journal } from "./journal/journal.ts";`);
  refused("runtime/world.ts", `import { Journal } from "./journal/journal.ts";`, "house/arrows");
});

Deno.test("arrows: a test inside runtime may join its rooms, and no test goes up to deploy", () => {
  passes("runtime/http/lane_test.ts", `import { b } from "../sync/b.ts";`);
  refused("runtime/http/lane_test.ts", `import { b } from "../../deploy/b.ts";`, "house/arrows");
  refused("actors/lane_test.ts", `import { b } from "../runtime/errors.ts";`, "house/arrows");
});

Deno.test("arrows: packages are pinned in one place", () => {
  refused("deploy/a.ts", `import { z } from "npm:zod@4";`, "house/arrows");
  refused("runtime/gateway.ts", `import { z } from "https://example.com/z.ts";`, "house/arrows");
});

Deno.test("machine: Deno is named only where the world is carried in", () => {
  for (const path of ["hardware/a.ts", "runtime/main.ts", "runtime/http/listen.ts"]) {
    passes(path, `Deno.exit(1);`);
  }
  for (const path of ["deploy/start.ts", "deploy/issuer/main.ts", "runtime/engine/a_test.ts"]) {
    passes(path, `Deno.exit(1);`);
  }
  for (
    const path of ["runtime/engine/a.ts", "actors/a.ts", "deploy/issuer/a.ts", "deploy/phone/a.ts"]
  ) {
    refused(path, `Deno.exit(1);`, "house/machine");
  }
});

Deno.test("machine: every way of naming Deno is seen, and its namesakes are not", () => {
  for (
    const text of [
      `globalThis.Deno.exit(1);`,
      `globalThis["Deno"].exit(1);`,
      `const { Deno: d } = globalThis;`,
      `const { Deno } = globalThis;`,
      `let file: Deno.FsFile;`,
      `const runtimes = { Deno };`,
      `export const pid = () => Deno.pid;`,
      `import { readFileSync } from "node:fs";`,
      `import { spawn } from "node:child_process";`,
    ]
  ) refused("runtime/engine/a.ts", text, "house/machine");
  for (const text of [`const names = { Deno: 1 };`, `const name = names.Deno;`]) {
    passes("runtime/engine/a.ts", text);
  }
});

Deno.test("ambient: clock, chance and timers are passed in", () => {
  for (
    const text of [
      `const now = Date.now();`,
      `const now = new Date();`,
      `const now = Date();`,
      `const now = performance.now();`,
      `const now = globalThis.performance.now();`,
      `const now = Temporal.Now.instant();`,
      `const chance = Math.random();`,
      `const id = crypto.randomUUID();`,
      `crypto.getRandomValues(bytes);`,
      `setTimeout(call, 5);`,
      `globalThis.setInterval(call, 5);`,
      `const signal = AbortSignal.timeout(5);`,
      `const timers = { setTimeout };`,
      `import { setTimeout as later } from "node:timers/promises";`,
      `import { performance as p } from "node:perf_hooks";`,
      `import { randomBytes } from "node:crypto";`,
    ]
  ) {
    refused("runtime/engine/a.ts", text, "house/ambient");
    refused("hardware/simulated/a.ts", text, "house/ambient");
    passes("runtime/main.ts", text);
    passes("runtime/engine/a_test.ts", text);
  }
});

Deno.test("ambient: dates that are computed and names that are shared pass", () => {
  for (
    const text of [
      `const day = new Date(at_ms).toISOString();`,
      `const at_ms = Date.parse(text);`,
      `const top = Math.max(1, 2);`,
      `const digest = crypto.subtle;`,
      `const cancel = clock.setTimeout(call);`,
      `interface Clock { setTimeout(call: () => void): void }`,
      `const clock = { setTimeout: arm };`,
      `import { createHash } from "node:crypto";`,
      `const either = AbortSignal.any(signals);`,
    ]
  ) passes("runtime/engine/a.ts", text);
});

Deno.test("ambient: a browser's page has the browser's clock", () => {
  passes("runtime/http/pages/page.js", `setTimeout(call, 5);`);
});

/** A function of so many lines. */
const long = (lines: number, body = "  call();\n") =>
  `export function long() {\n${body.repeat(lines - 2)}}\n`;

Deno.test("function-size: 50 lines pass, 51 do not", () => {
  passes("runtime/engine/a.ts", long(50));
  assert.deepEqual(found("runtime/engine/a.ts", long(51)), [
    "house/function-size: This function has 51 lines of its own, 50 are the most",
  ]);
});

Deno.test("function-size: functions inside count for themselves", () => {
  const inner = `const inner = () => {\n${"  call();\n".repeat(40)}};\n`;
  passes("runtime/engine/a.ts", `function outer() {\n${inner.repeat(5)}}\n`);
  const outer = `function outer() {\n${inner}${"  call();\n".repeat(47)}}\n`;
  assert.equal(found("runtime/engine/a.ts", outer).length, 1);
  const deep = `function outer() {\n${
    inner.replace("{", `{ const deep = () => {\n${"  call();\n".repeat(60)}};\n`)
  }}\n`;
  assert.deepEqual(found("runtime/engine/a.ts", deep), [
    "house/function-size: This function has 62 lines of its own, 50 are the most",
  ]);
});
