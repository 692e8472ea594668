/**
 * `deno task lab`: real drivers without hardware. Builds a machine that has a camera, Bluetooth and
 * sound of the kernel's own making, boots it, and runs there every `*_lab_test.ts`.
 *
 *   deno task lab              everything
 *   deno task lab camera       only tests whose path or name has this word
 *   deno task lab -- CMD...    a command in the machine
 */
import { boot, build } from "./machine.ts";

const permissions =
  "--allow-ffi --allow-read --allow-write --allow-env --allow-net=127.0.0.1,localhost --allow-run";
const limit_s = 840;

/** Words of a shell. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

function ordersFor(args: readonly string[]): string {
  if (args[0] === "--") return args.slice(1).map(quoted).join(" ");
  const filter = args[0] === undefined ? "" : ` | grep -F -- ${quoted(args[0])}`;
  return [
    "set -o pipefail",
    `files=$(find deploy hardware runtime -name '*_lab_test.ts' | sort${filter})`,
    `deno test --no-check --cached-only --no-prompt ${permissions} $files`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const built = await build();
  const machine = await boot({ built, orders: ordersFor(args), limit_s });
  const status = await machine.ended;
  if (status === undefined) console.log("FAILED | 0 passed | 1 failed");
  return status ?? 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
