/** What counts as untidy, and what does not. */
import assert from "node:assert/strict";
import { addressed, circles, programsOf, readGraph, unreached } from "./graph.ts";
import { fileFindings, sizes } from "./sizes.ts";

const head = "/** Why it is here. */\n";
const messages = (path: string, text: string) =>
  fileFindings(path, text).map(({ line, message }) => `${line}: ${message.split(":")[0]}`);
const edges = (lines: Record<string, string[]>) =>
  new Map(Object.entries(lines).map(([from, to]) => [from, new Set(to)]));

Deno.test("a file of 300 lines passes, one more does not, unless it says why", () => {
  const body = "call();\n".repeat(sizes.lines - 1);
  assert.deepEqual(messages("a.ts", head + body), []);
  assert.deepEqual(messages("a.ts", head + body + "call();\n"), ["1: 301 lines"]);
  const reason = "// long because a table is read at one sight\n";
  assert.deepEqual(messages("a.ts", head + reason + body), []);
  assert.deepEqual(messages("a.ts", head + "// long because\n" + body), ["1: 301 lines"]);
  assert.deepEqual(messages("a.ts", head + body + reason), ["1: 301 lines"]);
});

Deno.test("a line of 100 columns passes, one more does not, wherever it is", () => {
  assert.deepEqual(messages("a.css", "é".repeat(100)), []);
  assert.deepEqual(messages("a.css", `\n${"x".repeat(101)}`), ["2: 101 columns"]);
});

Deno.test("a source file opens by saying why it exists", () => {
  const wrong = ["1: does not open with a comment that says why it exists"];
  assert.deepEqual(messages("a.ts", "export const a = 1;\n"), wrong);
  assert.deepEqual(messages("a.ts", "// A note.\nexport const a = 1;\n"), wrong);
  assert.deepEqual(messages("a.ts", `import { b } from "./b.ts";\n${head}`), wrong);
  assert.deepEqual(messages("a.ts", `/// <reference lib="deno.unstable" />\n${head}`), []);
  assert.deepEqual(messages("a.ts", `#!/usr/bin/env deno\n${head}`), []);
  assert.deepEqual(messages("a.css", "body {}\n"), []);
});

Deno.test("circles are found, a file that needs itself among them, and a diamond is none", () => {
  assert.deepEqual(circles(edges({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] })), []);
  assert.deepEqual(
    circles(edges({ z: ["a"], a: ["b"], b: ["c"], c: ["a", "e"], e: ["e"], f: ["g"], g: ["f"] })),
    [["a", "b", "c"], ["e"], ["f", "g"]],
  );
});

Deno.test("what no entry leads to is dead, even when it imports what lives", () => {
  const all = edges({ start: ["a"], a: ["b"], b: [], old: ["b"], older: ["old"] });
  assert.deepEqual(unreached([...all.keys()], ["start"], all), ["old", "older"]);
});

Deno.test("types are no circle, and are a reason to be there", () => {
  const top = "file:///shop/";
  const graph = readGraph({
    modules: [
      {
        specifier: "file:///shop/a.ts",
        dependencies: [
          { code: { specifier: "file:///shop/b%20c.ts" } },
          { code: { specifier: "npm:zod@4" } },
        ],
      },
      {
        specifier: "file:///shop/b%20c.ts",
        dependencies: [{ type: { specifier: "file:///shop/a.ts" } }],
      },
      { specifier: "file:///elsewhere/x.ts" },
    ],
  }, top);
  assert.deepEqual(circles(graph.runtime), []);
  assert.deepEqual(graph.all.get("b c.ts"), new Set(["a.ts"]));
  assert.deepEqual([...graph.all.keys()], ["a.ts", "b c.ts"]);
});

Deno.test("a file that cannot be read is said at once", () => {
  const info = { modules: [{ specifier: "file:///shop/a.ts", error: "Module not found\nmore" }] };
  assert.throws(() => readGraph(info, "file:///shop/"), { message: "a.ts: Module not found" });
});

Deno.test("Workers and child programs are reached by their addresses", () => {
  const text = `new Worker(new URL("./worker.ts", import.meta.url));
    const issuer = new URL(
      "../issuer/main.ts",
      import.meta.url,
    );
    new URL("./page.css", import.meta.url);
    run("deploy/store.ts", "deploy/gone.ts");`;
  const names = ["deploy/start/worker.ts", "deploy/issuer/main.ts", "deploy/store.ts"];
  assert.deepEqual(addressed("deploy/start/child.ts", text, new Set(names)), names);
});

Deno.test("tasks name programs, with flags around them or as objects", () => {
  assert.deepEqual(
    programsOf({
      start: "deno run --allow-read=. deploy/start.ts --demo",
      wasm: { command: "deno run deploy/wasm.ts && deno run 'deploy/two.ts'" },
      ok: "deno fmt --check",
    }),
    ["deploy/start.ts", "deploy/wasm.ts", "deploy/two.ts"],
  );
});
