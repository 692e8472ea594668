/**
 * `deno task lab`: real drivers without hardware. Builds a machine that has a camera, Bluetooth and
 * sound of the kernel's own making, boots it, and runs there every `*_lab_test.ts`; then one whole
 * sale, and a store that is taken its power three times.
 */
import { wrongly } from "../flags.ts";
import { journalCuts } from "./journal.ts";
import { boot, build } from "./machine.ts";
import { powerCuts } from "./power/cuts.ts";
import { wholeSale } from "./sale.ts";

const usage = `deno task lab              all of it
deno task lab camera       only tests whose path has this word
deno task lab sale         one whole sale, the gateway a service of systemd
deno task lab power 50     a store that is taken its power so many times; 3 without a number
deno task lab journal 50   the same with a journal alone, which is sooner done
deno task lab -- CMD...    a command in the machine`;

const permissions =
  "--allow-ffi --allow-read --allow-write --allow-env --allow-net=127.0.0.1,localhost --allow-run";
const limit_s = 900;
/** Power cuts where no number is given. */
const cuts = 3;

/** Words of a shell. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

function ordersFor(args: readonly string[]): string {
  if (args[0] === "--") return args.slice(1).map(quoted).join(" ");
  const filter = args[0] === undefined ? "" : ` | grep -F -- ${quoted(args[0])}`;
  return [
    "set -o pipefail",
    "files=$(find deploy hardware runtime -name '*_lab_test.ts' -not -path 'deploy/lab/sale/*' " +
    `| sort${filter})`,
    `deno test --no-check --cached-only --no-prompt ${permissions} $files`,
  ].join("\n");
}

async function power(of: typeof powerCuts, built: string, cuts: number): Promise<number> {
  const { passed, failed } = await of({ built, cuts, print: console.log });
  const word = failed === 0 ? "ok" : "FAILED";
  console.log(`${word} | ${passed} passed | ${failed} failed (power cuts)`);
  return failed;
}

async function sale(built: string): Promise<number> {
  const status = await wholeSale(built);
  if (status === undefined) console.log("FAILED | 0 passed | 1 failed");
  return status ?? 1;
}

async function main(args: readonly string[]): Promise<number> {
  const [what = "", number] = args;
  if (what === "--help") {
    console.log(usage);
    return 0;
  }
  if (what.startsWith("-") && what !== "--") wrongly("lab", `Unknown option '${what}'`);
  const times = Number(number ?? cuts);
  if (["power", "journal"].includes(what) && !(Number.isSafeInteger(times) && times > 0)) {
    wrongly("lab", `${what} ${number} is no number of times`);
  }
  const built = await build();
  if (what === "power") return await power(powerCuts, built, times);
  if (what === "journal") return await power(journalCuts, built, times);
  if (what === "sale") return await sale(built);
  const drivers = await boot({ built, orders: ordersFor(args), limit_s });
  const status = await drivers.ended;
  if (status === undefined) console.log("FAILED | 0 passed | 1 failed");
  if (args.length > 0) return status ?? 1;
  const failures = [status ?? 1, await sale(built), await power(powerCuts, built, cuts)];
  return failures.find((failure) => failure !== 0) ?? 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
