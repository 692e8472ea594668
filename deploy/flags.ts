/**
 * Flags of tools whose users are their makers: `--help` says what there is, and what is wrong is
 * one line.
 */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { wrongFlag } from "./wrong_flag.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Wanted extends Options> = ReturnType<
  typeof parseArgs<{ readonly options: Wanted }>
>["values"];

/** Says what is wrong with what the tool was told, and ends it. */
export function wrongly(tool: string, what: unknown): never {
  console.error(`${tool}: ${wrongFlag(what)}`);
  Deno.exit(2);
}

/** The flags that were given; ends the tool after `--help`, and where they are none of these. */
export function flagsOf<const Wanted extends Options>(
  tool: string,
  usage: string,
  options: Wanted,
): Values<Wanted> {
  if (Deno.args.includes("--help")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    return parseArgs({ args: [...Deno.args], options }).values as Values<Wanted>;
  } catch (error) {
    return wrongly(tool, error);
  }
}
