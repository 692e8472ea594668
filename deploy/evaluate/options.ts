/** What `evaluate` and `calibrate` are told, and which models they run. */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { HardwareError } from "../../hardware/errors.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Inference } from "../../runtime/perception/inference.ts";
import { type LoadedModel, Networks } from "../../runtime/perception/networks.ts";
import { loadModels, type Models } from "../../runtime/perception/spawn.ts";
import { webInference } from "../../runtime/perception/web_inference.ts";
import type { EmbedderSidecar } from "../../runtime/perception/sidecar.ts";
import { wrongFlag } from "../wrong_flag.ts";

/** The value of an option and how it is described. */
type Spec = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

/** Somebody asked what there is to ask for; the message says it. */
class Help extends Error {}

/** Reads `--name value` and `--name`. Throws `Help` with `usage` for `--help`, and `RangeError`
 * with one line for anything else. */
export function readOptions<S extends Spec>(
  args: readonly string[],
  options: S,
  usage: string,
): { readonly [K in keyof S]?: S[K]["type"] extends "boolean" ? boolean : string } {
  if (args.includes("--help")) throw new Help(usage);
  try {
    return parseArgs({ args: [...args], options, strict: true }).values as never;
  } catch (error) {
    throw new RangeError(wrongFlag(error));
  }
}

/** Runs a command from where the user stands. What the user can mend is told in one line. */
export async function runCommand(
  command: (args: readonly string[], say: (text: string) => void) => Promise<void>,
): Promise<void> {
  try {
    standWhereCalled();
    await command(Deno.args, console.log);
  } catch (error) {
    endWith(error);
  }
}

/** Ends the process after help or one line about what the user can mend; throws all else. */
export function endWith(error: unknown): never {
  if (error instanceof Help) {
    console.log(error.message);
    Deno.exit(0);
  }
  const known = error instanceof RuntimeError || error instanceof HardwareError ||
    error instanceof RangeError;
  if (!known) throw error;
  console.error(error.message);
  Deno.exit(1);
}

/** Paths are meant from where the user stands: a task itself runs in the project's folder, and
 * tells where it was called. */
function standWhereCalled(): void {
  const called = Deno.env.get("INIT_CWD");
  if (called !== undefined) Deno.chdir(called);
}

/** A number within bounds, or `usual` where none was given. */
export function numberWithin(
  name: string,
  text: string | undefined,
  usual: number,
  [least, most]: readonly [number, number],
): number {
  const value = text === undefined ? usual : Number(text);
  if (text?.trim() !== "" && value >= least && value <= most) return value;
  throw new RangeError(`--${name} is ${text}; give a number from ${least} to ${most}`);
}

/** A whole number within bounds. */
export function wholeWithin(
  name: string,
  text: string | undefined,
  usual: number,
  bounds: readonly [number, number],
): number {
  const value = numberWithin(name, text, usual, bounds);
  if (Number.isInteger(value)) return value;
  throw new RangeError(`--${name} is ${text}; give a whole number`);
}

/** The models that come with the software. */
const drawn = (kind: string) =>
  fileURLToPath(new URL(`../../models/drawn-${kind}.json`, import.meta.url));

/** Networks that are ready, and what is said of the embedder. */
export interface Opened {
  readonly networks: Networks;
  readonly models: Models;
  readonly embedder: LoadedModel<EmbedderSidecar>;
}

/** Opens both models; those of drawn faces stand in where `allow_drawn` is set and none is named.
 * Throws `RuntimeError` `model_invalid`, and `RangeError` where a model is missing. */
export async function openModels(
  named: { readonly detector?: string; readonly embedder?: string },
  allow_drawn: boolean,
  inference?: Inference,
): Promise<Opened> {
  const choice = (kind: "detector" | "embedder") => {
    const reference = named[kind] ?? (allow_drawn ? drawn(kind) : undefined);
    if (reference === undefined) {
      throw new RangeError(`name a model: --${kind} SIDECAR.json or --${kind} PRESET:FILE.onnx`);
    }
    return reference;
  };
  const models = await loadModels({ detector: choice("detector"), embedder: choice("embedder") });
  return {
    networks: await Networks.open(models, inference ?? webInference(models.runtime)),
    models,
    embedder: models.embedder,
  };
}
