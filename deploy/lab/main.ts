/**
 * `deno task lab`: real drivers without hardware. Builds a machine that has a camera, Bluetooth and
 * sound of the kernel's own making, boots it, and runs there every `*_lab_test.ts`.
 *
 *   deno task lab              everything
 *   deno task lab camera       only tests whose path has this word
 *   deno task lab sale         one whole sale, the gateway a service of systemd
 *   deno task lab power 50     a machine that is taken its power so many times; 3 without a number
 *   deno task lab -- CMD...    a command in the machine
 */
import { boot, build } from "./machine.ts";
import { powerCuts } from "./power.ts";
import { wholeSale } from "./sale.ts";

const permissions =
  "--allow-ffi --allow-read --allow-write --allow-env --allow-net=127.0.0.1,localhost --allow-run";
const limit_s = 600;
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

async function power(built: string, cuts: number): Promise<number> {
  const { passed, failed } = await powerCuts({ built, cuts, print: console.log });
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
  const built = await build();
  if (args[0] === "power") return await power(built, Number(args[1] ?? cuts));
  if (args[0] === "sale") return await sale(built);
  const machine = await boot({ built, orders: ordersFor(args), limit_s });
  const status = await machine.ended;
  if (status === undefined) console.log("FAILED | 0 passed | 1 failed");
  const lost = args.length === 0 ? await power(built, cuts) : 0;
  return status === 0 ? lost : status ?? 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
