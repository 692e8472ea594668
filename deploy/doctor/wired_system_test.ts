/** The doctor before stand-ins: a GPIO chip in user space, a scale on a pseudo terminal, and a
 * machine without a sound card. */
import assert from "node:assert/strict";
import { errno, openLibc } from "../../hardware/ffi/libc.ts";
import { parseConfig } from "../../runtime/config.ts";
import { aisleFindings } from "./aisle.ts";
import { chipNumbers, readChip } from "../../hardware/gpio/chips.ts";
import { GpioOutputs } from "../../hardware/gpio/lines.ts";
import { compileStandin, numbersOf } from "../../hardware/testing/compile.ts";
import { openTerminal } from "../../hardware/testing/terminal.ts";
import { chipFindings, lineFinding, scaleFinding, serialFindings, soundFindings } from "./wired.ts";

const library = await compileStandin("standin_gpio");
const standin = Deno.dlopen(library, {
  standin_reset: { parameters: [], result: "void" },
  standin_fail: { parameters: ["i32"], result: "void" },
  standin_steps: { parameters: [], result: "u32" },
}).symbols;
const libc = openLibc(library);
addEventListener("unload", () => Deno.removeSync(library));
const chip = "/dev/gpiochip9";

Deno.test("numbers of GPIO chips are those of the kernel's header", async () => {
  const { get_chip, get_line_info, chip_info, line_info, flags } = chipNumbers;
  const [info, line] = ["struct gpiochip_info", "struct gpio_v2_line_info"];
  const expected: [string, number][] = [
    [get_chip.name, Number(get_chip.code)],
    [get_line_info.name, Number(get_line_info.code)],
    [`sizeof(${info})`, chip_info.size],
    [`offsetof(${info}, label)`, chip_info.label],
    [`offsetof(${info}, lines)`, chip_info.lines],
    [`sizeof(${line})`, line_info.size],
    [`offsetof(${line}, consumer)`, line_info.consumer],
    [`offsetof(${line}, offset)`, line_info.offset],
    [`offsetof(${line}, flags)`, line_info.flags],
    ["GPIO_V2_LINE_FLAG_USED", flags.used],
  ];
  const names = expected.map(([name]) => name);
  assert.deepEqual(
    (await numbersOf("linux/gpio.h", names)).map((value, i) => [names[i], value]),
    expected,
  );
});

Deno.test("a chip tells how many of its lines are free, and none is driven by asking", () => {
  standin.standin_reset();
  assert.deepEqual(chipFindings(libc, ["/dev/gpiochip7", chip]), [
    { what: chip, verdict: "note", detail: "standin, 15 of 16 lines free" },
  ]);
  assert.equal(standin.standin_steps(), 0);
  assert.deepEqual([...readChip(libc, chip).used], [[15, "power"]]);
});

Deno.test("a gate's line is free, held by the gateway, held by another, or not there", () => {
  standin.standin_reset();
  const look = (...lines: number[]) => lineFinding("gate entrance", { chip, lines }, libc);
  assert.equal(look(3, 4).verdict, "well");
  const held = look(15);
  assert.equal(held.verdict, "wrong");
  assert.match(held.detail, /line 15 by power, another program/);
  assert.match(look(3, 16).mend ?? "", /the last is 15/);
  {
    using _ = new GpioOutputs({ libc, what: "gate entrance", chip, lines: [3] });
    assert.equal(look(3).verdict, "note");
    assert.match(look(3).detail, /saunter gate entrance, a gateway that runs/);
  }
  assert.equal(look(3).verdict, "well");
  const gone = lineFinding("gate exit", { chip: "/dev/gpiochip7", lines: [1] }, libc);
  assert.match(gone.mend ?? "", /plug it in/);
});

Deno.test("a chip that is forbidden or broken is told with the way to mend it", () => {
  standin.standin_reset();
  standin.standin_fail(errno.EACCES);
  assert.match(chipFindings(libc, [chip])[0]?.mend ?? "", /group gpio/);
  standin.standin_fail(errno.EIO);
  assert.equal(chipFindings(libc, [chip])[0]?.verdict, "wrong");
  standin.standin_reset();
});

Deno.test("a scale is well when its weighings arrive, and told when there is no line", async () => {
  using line = openTerminal(libc);
  const looking = scaleFinding("scale shelf-1", { path: line.path }, libc);
  line.say("ST,GS,+  1.234kg\r\n");
  const found = await looking;
  assert.equal(found.verdict, "well");
  assert.match(found.detail, /weighs 1234 g, at rest, at 9600 baud/);
  assert.deepEqual(serialFindings(libc, ["/dev/ttyUSB99", line.path]).map(({ what }) => what), [
    line.path,
  ]);
  const gone = await scaleFinding("scale shelf-2", { path: "/dev/serial/by-id/none" }, libc);
  assert.equal(gone.verdict, "wrong");
  assert.match(gone.mend ?? "", /plug it in/);
  const none = await scaleFinding("scale shelf-3", { path: "/dev/null" }, libc);
  assert.match(none.mend ?? "", /no serial line/);
});

Deno.test("what the configuration names of an aisle is looked for, line by line", async () => {
  standin.standin_reset();
  using line = openTerminal(libc);
  const draft = JSON.parse(
    await Deno.readTextFile(new URL("../store.example.json", import.meta.url)),
  );
  const { aisle } = draft;
  const [entrance] = aisle.gates;
  entrance.device = { kind: "gpio", chip, line: 3 };
  entrance.lamp = { chip, lights: { closed: 4, open: 15 } };
  for (const gate of aisle.gates.slice(1)) gate.device = { kind: "outside" };
  for (const shelf of aisle.shelves) shelf.device = { kind: "outside" };
  const [plate, other] = aisle.shelves[0].plates;
  plate.scale = { kind: "serial", path: line.path };
  other.scale = { kind: "serial", path: "/dev/serial/by-id/none" };
  const config = parseConfig(draft, { folder: "/srv/store" });
  const looking = aisleFindings(config, libc, () => Promise.resolve([]));
  line.say("ST,GS,+  0.500kg\r\n");
  const found = new Map((await looking).map(({ what, verdict }) => [what, verdict]));
  assert.deepEqual([...found], [
    [`gate ${entrance.id}`, "well"],
    [`lamp ${entrance.id}`, "wrong"],
    [`scale ${plate.id}`, "well"],
    [`scale ${other.id}`, "wrong"],
  ]);
});

Deno.test("sound cards are told as they are, and those that only play not at all", () => {
  const name = "USB Audio";
  const states = ["free", "busy", "forbidden", "deaf"] as const;
  const cards = states.map((state, at) => ({ pcm: `plughw:${at}`, name, state }));
  const found = soundFindings(() => cards);
  assert.deepEqual(found.map(({ verdict }) => verdict), ["note", "note", "wrong"]);
  assert.match(found[2]?.mend ?? "", /group audio/);
  // The library itself, on whatever this machine has.
  for (const { what } of soundFindings()) assert.match(what, /^sound plughw:\d+$/);
});
