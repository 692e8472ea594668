/** The table of the hands-free systems is true of machines and stories, and leaves nothing out. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { actorKinds } from "../../actors/kinds.ts";
import { stories } from "./stories.ts";

const top = fileURLToPath(new URL("../../", import.meta.url));
const text = readFileSync(`${top}docs/hands-free.md`, "utf8");
const table = text.slice(0, text.indexOf("## How each story ends"));
const rows = table.split("\n").filter((line) =>
  line.startsWith("| ") && !/^\| (-|system)/.test(line)
)
  .map((line) => {
    const [system = "", , , test = "", situations = ""] = line.split("|").slice(1).map((cell) =>
      cell.trim()
    );
    return { system, test: test.replaceAll("`", ""), situations };
  });

/** `` `payment`: `a`, `b` `` by actor. */
function situationsOf(cell: string): [kind: string, states: string[]][] {
  return cell.startsWith("(") ? [] : cell.split("; ").map((part) => {
    const [kind = "", ...states] = [...part.matchAll(/`(\w+)`/g)].map(([, word]) => word ?? "");
    return [kind, states];
  });
}
/** Before an actor is told what it is. */
const unborn = ["unopened", "unconfigured"];
const statesOf = (kind: string) =>
  Object.keys(actorKinds[kind as keyof typeof actorKinds]?.machine.states ?? {})
    .filter((state) => !unborn.includes(state));

Deno.test("every situation in the table is one of that actor's machine", () => {
  for (const { system, situations } of rows) {
    for (const [kind, states] of situationsOf(situations)) {
      for (const state of states) {
        assert.ok(statesOf(kind).includes(state), `${system}: ${kind} knows no ${state}`);
      }
    }
  }
});

Deno.test("no situation of those actors is left out of the table", () => {
  const told = new Map<string, Set<string>>();
  for (const [kind, states] of rows.flatMap(({ situations }) => situationsOf(situations))) {
    told.set(kind, new Set([...told.get(kind) ?? [], ...states]));
  }
  for (const kind of ["payment", "refund", "change", "visit", "stand_in", "cart", "gate", "link"]) {
    assert.deepEqual([...told.get(kind) ?? []].sort(), statesOf(kind).sort(), kind);
  }
});

Deno.test("each row has a test that there is, and each story's test has a row", () => {
  const tests = rows.map(({ test }) => test);
  for (const test of tests) assert.ok(existsSync(top + test), test);
  const played = readdirSync(`${top}deploy/story`).filter((name) =>
    name.endsWith("_system_test.ts")
  );
  assert.deepEqual(tests.toSorted(), played.map((name) => `deploy/story/${name}`).sort());
  const systems = rows.flatMap(({ system }) => /^S\d+/.exec(system) ?? []);
  assert.deepEqual(systems, ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10"]);
});

Deno.test("the endings that are told are the chapters of the stories", () => {
  const from = text.indexOf("## How each story ends");
  const section = text.slice(from, text.indexOf("\n## ", from + 1)).replace(/\s+/g, " ");
  const told = section.split(" - ").slice(1).map((line) => line.trim());
  const played = stories.map(({ name, chapters }) =>
    `${name}: ${chapters.map(({ title }) => title).join("; ")}.`
  );
  assert.deepEqual(told, played);
});
