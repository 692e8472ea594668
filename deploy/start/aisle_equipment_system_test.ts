/** An aisle's equipment as its configuration says it, on a stand-in for a GPIO chip and on a pseudo
 * terminal: opened behind its ports, and let go. */
import assert from "node:assert/strict";
import { openLibc } from "../../hardware/ffi/libc.ts";
import { compileStandin } from "../../hardware/testing/compile.ts";
import { openTerminal } from "../../hardware/testing/terminal.ts";
import { parseConfig } from "../../runtime/config.ts";
import { openAisle } from "./aisle_equipment.ts";

const library = await compileStandin("standin_gpio");
const standin = Deno.dlopen(library, {
  standin_reset: { parameters: [], result: "void" },
  standin_levels: { parameters: [], result: "u32" },
  standin_taken: { parameters: [], result: "i32" },
}).symbols;
addEventListener("unload", () => Deno.removeSync(library));

/** The example's aisle with a relay at one gate, a lamp at the other, and a scale on this line. */
function wired(scale: string) {
  const draft = JSON.parse(
    Deno.readTextFileSync(new URL("../store.example.json", import.meta.url)),
  );
  const [entry, exit] = draft.aisle.gates;
  entry.device = { kind: "gpio", chip: "/dev/gpiochip9", line: 3, open_ms: 100 };
  exit.device = { kind: "outside" };
  exit.lamp = { chip: "/dev/gpiochip9", lights: { closed: 5, open: 6 } };
  for (const shelf of draft.aisle.shelves) shelf.device = { kind: "outside" };
  draft.aisle.shelves[0].plates[0].scale = { kind: "serial", path: "/dev/serial/by-id/tea" };
  const config = parseConfig(draft);
  // A pseudo terminal has no name that udev keeps.
  const { aisle } = structuredClone(config) as typeof draft;
  aisle.shelves[0].plates[0].scale.path = scale;
  return { ...config, aisle };
}

Deno.test("a relay, a lamp and a scale of the configuration work behind their ports", async () => {
  standin.standin_reset();
  const libc = openLibc(library);
  using line = openTerminal(libc);
  const { gates, lamps, scales, readings, close } = openAisle(wired(line.path), libc);
  assert.deepEqual([[...gates.keys()], [...lamps.keys()], [...scales.keys()]], [
    ["in"],
    ["out"],
    ["tea"],
  ]);
  assert.deepEqual(readings, []);

  const opened = gates.get("in")!.open();
  assert.equal(standin.standin_levels(), 1 << 3);
  await opened;
  assert.equal(standin.standin_levels(), 0);

  const stop = new AbortController();
  const weights = scales.get("tea")!.weights(stop.signal)[Symbol.asyncIterator]();
  const first = weights.next();
  line.say("ST,GS,+  1.250kg\r\n");
  assert.equal((await first).value?.grams, 1_250);
  const last = weights.next();
  stop.abort();
  assert.equal((await last).done, true);

  await close();
  assert.equal(standin.standin_taken(), 0, "every line is let go");
  libc[Symbol.dispose]();
});

Deno.test("a lamp of the configuration shows how its gate stands", async () => {
  standin.standin_reset();
  const libc = openLibc(library);
  const { lamps, close } = openAisle(wired("/dev/null"), libc);
  await lamps.get("out")!.show(["open"]);
  assert.equal(standin.standin_levels(), 1 << 6);
  await close();
  libc[Symbol.dispose]();
});

Deno.test("simulated gates beside real equipment are refused by name", () => {
  const config = wired("/dev/null");
  config.aisle.gates[1].device = { kind: "simulated" };
  using libc = openLibc(library);
  assert.throws(() => openAisle(config, libc), {
    kind: "config_invalid",
    message: /out of the aisle is simulated beside real equipment/,
  });
});
