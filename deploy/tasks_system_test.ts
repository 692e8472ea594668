/**
 * What every task of the project promises whoever types it: a line that says what it is for,
 * `--help`, and one line about a flag that it does not know.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const root = fileURLToPath(new URL("../", import.meta.url));
const file = z.looseObject({
  tasks: z.record(
    z.string(),
    z.strictObject({
      description: z.string().min(10),
      command: z.string(),
      dependencies: z.array(z.string()).optional(),
    }),
  ),
});
const { tasks } = file.parse(JSON.parse(await Deno.readTextFile(`${root}deno.json`)));

/** Tasks of Deno's own tools take the flags of those, and these two take nothing. */
const takesFlags = ([name, { command }]: [string, { command: string }]) =>
  command.startsWith("deno run") && !["wasm", "tidy"].includes(name);

async function run(task: string, flag: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", task, flag],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  // Deno tells once what it downloads and, in a box, that scripts of packages are not run.
  const err = text(stderr).split("\n")
    .filter((line) => line !== "" && !/^([╭│╰]|( \[\w+\] )?Download )/.test(line));
  return { code, out: text(stdout), err };
}

Deno.test("every task says what it takes, and refuses a flag it does not know", async (test) => {
  const taking = Object.entries(tasks).filter(takesFlags);
  assert.ok(taking.length >= 18, "the project has that many tasks of its own");
  for (const [task] of taking) {
    await test.step(task, async () => {
      const help = await run(task, "--help");
      assert.deepEqual([help.code, help.err], [0, []]);
      assert.match(help.out, /deno task [a-z]/);
      const wrong = await run(task, "--no-such-flag");
      assert.notEqual(wrong.code, 0);
      assert.equal(wrong.err.length, 1, wrong.err.join("\n"));
      assert.match(wrong.err[0] ?? "", /--no-such-flag/);
    });
  }
});
