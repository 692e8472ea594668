/**
 * `deno task mutate [--seeds N] [--hours H] [--only WORD]`: plants each fault of the list into a
 * copy of the sources and counts the seeds that the simulation needs to find it. Every one must be
 * found. A store is open for H hours, or for as long as the fault is said to need.
 */
import { flagsOf, wrongly } from "./flags.ts";
import { type Mutation, mutations } from "./simulate/mutations.ts";
import type { Sought } from "./simulate/seeds.ts";

const top = new URL("../", import.meta.url);
const folders = ["actors", "hardware", "runtime", "wasm", "deploy"];
const usual_hours = 0.15;
const files = ["deno.json", "deno.lock"];
const usage = `deno task mutate [options]
  --seeds N    how many seeds each planted fault is looked for in (30)
  --hours H    how long each store is open (${usual_hours}; longer where a fault needs it)
  --only TEXT  the faults with this in their names
  --help`;

async function copyFolder(from: URL, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const source = new URL(encodeURIComponent(entry.name) + (entry.isDirectory ? "/" : ""), from);
    if (entry.isDirectory) await copyFolder(source, `${to}/${entry.name}`);
    else if (/\.(ts|json|css|html|js|wasm)$/.test(entry.name)) {
      await Deno.copyFile(source, `${to}/${entry.name}`);
    }
  }
}

/** A copy of all sources that a simulation reads, in a folder of its own. */
export async function copyTree(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "saunter-mutation-" });
  for (const folder of folders) await copyFolder(new URL(`${folder}/`, top), `${copy}/${folder}`);
  for (const file of files) await Deno.copyFile(new URL(file, top), `${copy}/${file}`);
  return copy;
}

/** Plants the fault, calls, and takes it out again. Throws when a place to plant is not there. */
export async function planted<T>(
  copy: string,
  mutation: Mutation | undefined,
  call: () => Promise<T>,
): Promise<T> {
  const originals = new Map<string, string>();
  try {
    for (const { file, find, put } of mutation?.edits ?? []) {
      const path = `${copy}/${file}`;
      const text = await Deno.readTextFile(path);
      if (!originals.has(path)) originals.set(path, text);
      if (text.split(find).length !== 2) {
        throw new Error(`"${mutation?.name}" finds its place not once in ${file}: mend the list`);
      }
      await Deno.writeTextFile(path, text.replace(find, () => put));
    }
    return await call();
  } finally {
    for (const [path, text] of originals) await Deno.writeTextFile(path, text);
  }
}

export interface Search {
  readonly from: number;
  readonly to: number;
  readonly hours: number;
  readonly faults?: string | undefined;
}

/** Runs seed after seed on the copy until a rule does not hold; tells which seed and rule. Throws
 * when it does not run at all. */
export async function sought(
  copy: string,
  { from, to, hours, faults = "all" }: Search,
): Promise<{ readonly seed: number; readonly rule: string } | undefined> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--ignore-env", "--no-check", "--quiet"],
      "--v8-flags=--min-semi-space-size=32",
      "deploy/simulate/seeds.ts",
      ...["--from", String(from), "--to", String(to)],
      ...["--hours", String(hours), "--faults", faults],
    ],
    cwd: copy,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(`a simulation did not run: ${text(stderr).slice(0, 500)}`);
  const { seed, rule } = JSON.parse(text(stdout).trim().split("\n").at(-1) ?? "") as Sought;
  return seed === null ? undefined : { seed, rule: rule.slice(0, 160) };
}

async function main(): Promise<boolean> {
  const values = flagsOf("mutate", usage, {
    seeds: { type: "string", default: "30" },
    hours: { type: "string", default: String(usual_hours) },
    only: { type: "string", default: "" },
  });
  const [seeds = 0, hours = 0] = [values.seeds, values.hours].map(Number);
  if (!(seeds >= 1 && hours > 0)) return wrongly("mutate", "--seeds and --hours take numbers");
  const copy = await copyTree();
  let all = true;
  try {
    for (const mutation of mutations) {
      if (!mutation.name.includes(values.only)) continue;
      const { name, faults } = mutation;
      const long = Math.max(hours, mutation.hours ?? 0);
      const search = { from: 1, to: seeds, hours: long, faults };
      const found = await planted(copy, mutation, () => sought(copy, search));
      all &&= found !== undefined;
      const told = found && { seeds: found.seed, rule: found.rule };
      console.log(JSON.stringify({ mutation: name, found: found !== undefined, ...told }));
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
  return all;
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
