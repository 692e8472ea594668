/** Gates and lamps on a stand-in for a GPIO chip: which lines are at which voltage, and when. */
import assert from "node:assert/strict";
import { openLibc } from "../ffi/libc.ts";
import { gateSuite, lampSuite } from "../testing/aisle_suites.ts";
import { compileStandin, numbersOf } from "../testing/compile.ts";
import { GpioGate, GpioLamp } from "./gate.ts";
import { gpioNumbers } from "./lines.ts";

const library = await compileStandin("standin_gpio");
const standin = Deno.dlopen(library, {
  standin_reset: { parameters: [], result: "void" },
  standin_fail: { parameters: ["i32"], result: "void" },
  standin_levels: { parameters: [], result: "u32" },
  standin_steps: { parameters: [], result: "u32" },
  standin_step: { parameters: ["u32"], result: "u32" },
  standin_taken: { parameters: [], result: "i32" },
}).symbols;
const libc = openLibc(library);
addEventListener("unload", () => Deno.removeSync(library));

const chip = "/dev/gpiochip9";
/** Every voltage since the beginning. */
const steps = () =>
  Array.from({ length: standin.standin_steps() }, (_, at) => standin.standin_step(at));

Deno.test("numbers of GPIO are those of the kernel's header", async () => {
  const { get_line, set_values, get_values, line_request, flags } = gpioNumbers;
  const struct = "struct gpio_v2_line_request";
  const expected: [string, number][] = [
    ...[get_line, set_values, get_values].map(({ name, code }): [string, number] => [
      name,
      Number(code),
    ]),
    [`sizeof(${struct})`, line_request.size],
    ...(["consumer", "config", "num_lines", "fd"] as const).map((field): [string, number] => [
      `offsetof(${struct}, ${field})`,
      line_request[field],
    ]),
    ["offsetof(struct gpio_v2_line_config, flags)", 0],
    ["GPIO_V2_LINE_FLAG_ACTIVE_LOW", flags.active_low],
    ["GPIO_V2_LINE_FLAG_OUTPUT", flags.output],
  ];
  const names = expected.map(([name]) => name);
  assert.deepEqual(
    (await numbersOf("linux/gpio.h", names)).map((value, i) => [names[i], value]),
    expected,
  );
});

Deno.test("a gate opens, stays open while it is asked again, and closes", async () => {
  standin.standin_reset();
  const gate = new GpioGate({ id: "entrance", libc, chip, line: 3, open_ms: 40 });
  const first = gate.open();
  assert.equal(standin.standin_levels(), 1 << 3);
  const second = gate.open();
  await Promise.all([first, second]);
  assert.equal(standin.standin_levels(), 0);
  assert.deepEqual(steps(), [8, 8, 0], "closed once, after the later of the two");
  await gate.close();
  assert.equal(standin.standin_taken(), 0);
});

Deno.test("a gate that is switched off in the middle falls shut, and nobody waits", async () => {
  standin.standin_reset();
  const gate = new GpioGate({
    id: "entrance",
    libc,
    chip,
    line: 3,
    open_ms: 1_000_000,
    active_low: true,
  });
  const opened = gate.open();
  assert.equal(standin.standin_levels(), 0, "low is open");
  await gate.close();
  await opened;
  assert.deepEqual(steps(), [0, 8]);
  assert.equal(standin.standin_taken(), 0);
});

Deno.test("a lamp shows the lights that are named and no others", async () => {
  standin.standin_reset();
  const lights = { green: 4, amber: 5, red: 6 };
  const lamp = new GpioLamp({ id: "exit", libc, chip, lights });
  await lamp.show(["green"]);
  await lamp.show(["amber", "red"]);
  await lamp.show([]);
  assert.deepEqual(steps(), [16, 96, 0]);
  await assert.rejects(lamp.show(["blue"]), { message: /no light blue: it has green, amber, red/ });
  await lamp.close();
  assert.equal(standin.standin_taken(), 0);
});

Deno.test("a chip that refuses is told with the way out, and tried again later", async () => {
  const gate = new GpioGate({ id: "entrance", libc, chip, line: 3, open_ms: 1 });
  const refusals = [[16, "device_busy"], [13, "device_forbidden"], [5, "device_lost"]] as const;
  for (const [code, kind] of refusals) {
    standin.standin_reset();
    standin.standin_fail(code);
    await assert.rejects(gate.open(), { name: "HardwareError", kind, message: /gate entrance/ });
    assert.equal(standin.standin_taken(), 0);
  }
  standin.standin_reset();
  await gate.open();
  await gate.close();
  const far = new GpioGate({ id: "exit", libc, chip, line: 99, open_ms: 1 });
  await assert.rejects(far.open(), { kind: "format_unsupported", message: /no lines 99/ });
  const none = new GpioGate({ id: "exit", libc, chip: "/dev/gpiochip77", line: 1, open_ms: 1 });
  await assert.rejects(none.open(), { kind: "device_missing" });
});

gateSuite("a gate on a GPIO line", () => {
  standin.standin_reset();
  const gate = new GpioGate({ id: "entrance", libc, chip, line: 3, open_ms: 40 });
  return {
    gate,
    isOpen: () => standin.standin_levels() === 1 << 3,
    closes: () => Promise.resolve(),
    unplug: () => standin.standin_fail(5),
    close: () => gate.close(),
  };
});

lampSuite("a lamp on GPIO lines", () => {
  standin.standin_reset();
  const lights = { closed: 4, open: 5 };
  const lamp = new GpioLamp({ id: "exit", libc, chip, lights });
  return {
    lamp,
    lit: () =>
      Object.entries(lights).filter(([, line]) => standin.standin_levels() & 1 << line)
        .map(([light]) => light),
    close: () => lamp.close(),
  };
});
