/** The guide's code passes the compiler, the linter and the formatter as it stands there. */
import assert from "node:assert/strict";
import { followAddAnActor } from "./guide.ts";

Deno.test("what the guide adds is typed, linted and formatted like the rest", async () => {
  const copy = await followAddAnActor();
  try {
    const config = new URL("../../deno.json", import.meta.url).pathname;
    for (
      const args of [["check", "--config", config], ["lint", "--config", config], [
        "fmt",
        "--check",
        "--config",
        config,
      ]]
    ) {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...args, "actors"],
        cwd: copy,
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});
