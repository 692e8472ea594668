/** The command that measures a lane's place, on a store's own configuration. */
import assert from "node:assert/strict";
import { parseConfig } from "../../runtime/config.ts";
import { asksForPlace, calibratePlace } from "./pay_position.ts";

/** The model runtime keeps a message port of its own for as long as the process lives. */
const kept_port = { sanitizeResources: false };
const example = new URL("../store.example.json", import.meta.url);

Deno.test(
  "a lane's place is measured by its camera and written to its store",
  kept_port,
  async () => {
    const directory = await Deno.makeTempDir();
    try {
      const file = `${directory}/store.json`;
      await Deno.copyFile(example, file);
      const said: string[] = [];
      const args = ["--pay-position", "2", "--config", file, "--frames", "12", "--write"];
      assert.ok(asksForPlace(args));
      await calibratePlace(args, (line) => said.push(line));
      assert.match(said[0]!, /^12 frames with one face/);
      const place = parseConfig(await Deno.readTextFile(file)).lanes[1]!.pay_position!;
      assert.ok(Math.abs(place.x - 0.5) < 0.1 && Math.abs(place.y - 0.5) < 0.2, said[0]);
      assert.ok(place.least_face > 0.12 && place.least_face < 0.25, said[0]);
      const left = [...Deno.readDirSync(directory)].map(({ name }) => name);
      assert.deepEqual(left, ["store.json"], "no draft is left behind");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

Deno.test("what is missing or unknown is said in words", async () => {
  const quiet = () => {};
  const file = example.pathname;
  await assert.rejects(
    calibratePlace(["--pay-position", "2"], quiet),
    /usage: deno task calibrate/,
  );
  await assert.rejects(
    calibratePlace(["--pay-position", "9", "--config", file], quiet),
    /there is no lane 9 .*; name one of 1, 2, 3/,
  );
});
