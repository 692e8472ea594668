/**
 * Runs the benches: `deno task bench` all parts, `deno task bench kernel` one. Prints one JSON
 * object a line; `--save` also keeps the lines and a chart of each part in `docs/bench/`.
 */
import { cpus } from "node:os";
import { chart } from "./chart.ts";
import { Report } from "./report.ts";

/** A part: measures, and adds rows whose `bench` begins with the part's name. */
export type Part = (report: Report) => Promise<void>;

/** The parts there are, each a file that exports its `part`. */
const parts: Readonly<Record<string, () => Promise<{ part: Part }>>> = {
  engine: () => import("./parts/engine.ts"),
  fuzz: () => import("./parts/fuzz.ts"),
  issuer: () => import("./parts/issuer.ts"),
  kernel: () => import("./parts/kernel.ts"),
  tracking: () => import("./parts/tracking.ts"),
  perception: () => import("./parts/perception.ts"),
};

const docs = new URL("../../docs/bench/", import.meta.url);

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    const names = Object.keys(parts).join(", ");
    console.log(`deno task bench [NAME ...] [--save]\n  NAME    one of ${names}; without, all`);
    console.log("  --save  keep lines and charts in docs/bench");
    return 0;
  }
  const save = args.includes("--save");
  const named = args.filter((argument) => argument !== "--save");
  const unknown = named.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) {
    console.error(
      `there is no bench ${unknown}: name one of ${Object.keys(parts).join(", ")}`,
    );
    return 1;
  }
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Deno ${Deno.version.deno}`;
  for (const name of named.length === 0 ? Object.keys(parts) : named) {
    const report = new Report(console.log);
    report.value(`${name}/machine`, machine, cpus().length, "cores");
    const { part } = await parts[name]!();
    await part(report);
    if (!save) continue;
    await Deno.mkdir(docs, { recursive: true });
    const lines = report.rows.map((row) => JSON.stringify(row)).join("\n");
    await Deno.writeTextFile(new URL(`${name}.jsonl`, docs), `${lines}\n`);
    await Deno.writeTextFile(
      new URL(`${name}.svg`, docs),
      chart(report.rows, machine),
    );
  }
  return 0;
}

Deno.exit(await main(Deno.args));
