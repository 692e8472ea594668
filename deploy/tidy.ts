/**
 * `deno task tidy`: is every file small enough to see, does it say why it is there, does anything
 * need it, and do no files need each other in a circle? Prints what is not so and exits with 1.
 */
import { addressed, circles, programsOf, readGraph, unreached } from "./tidy/graph.ts";
import { fileFindings, type Finding } from "./tidy/sizes.ts";

const top = new URL("../", import.meta.url);
const skipped = new Set(["node_modules", "coverage", "data"]);
const measured = /\.(tsx?|js|css|html|sh)$/;
/** AssemblyScript: the kernels' compiler reads it, not Deno. */
const isAssembly = (path: string) => path.startsWith("wasm/assembly/");

/** Every file of the repository, by its path from the top, sorted. */
function* walk(folder = ""): Generator<string> {
  const entries = [...Deno.readDirSync(new URL(folder, top))];
  for (const { name, isDirectory } of entries.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    if (name.startsWith(".") || skipped.has(name)) continue;
    if (isDirectory) yield* walk(`${folder}${name}/`);
    else yield folder + name;
  }
}

const read = (path: string) => Deno.readTextFileSync(new URL(path, top));

/** The graph of all files, from one run of `deno info` over a list of them. */
async function graphOf(files: readonly string[]) {
  const list = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = files.map((path) => `import ${JSON.stringify(new URL(path, top).href)};\n`);
    await Deno.writeTextFile(list, lines.join(""));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", new URL("deno.json", top).pathname, list],
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`deno info failed: ${decoder.decode(stderr).split("\n")[0]}`);
    return readGraph(JSON.parse(decoder.decode(stdout)), top.href);
  } finally {
    await Deno.remove(list);
  }
}

/** Where reading begins: tasks, lint plugins, and tests. */
function entriesOf(files: readonly string[]): string[] {
  const configurations = files.filter((path) => /(^|\/)deno\.json$/.test(path));
  const named = configurations.flatMap((path) => {
    const folder = path.slice(0, -"deno.json".length);
    const { tasks = {}, lint = {} } = JSON.parse(read(path));
    const programs: string[] = [...programsOf(tasks), ...lint.plugins ?? []];
    return programs.map((program) => new URL(program, `file:///${folder}`).pathname.slice(1));
  });
  return [...named, ...files.filter((path) => /_test\.tsx?$/.test(path))];
}

/** Examples in doc comments that the task `examples` does not run. */
function idleExamples(files: readonly string[]): Finding[] {
  const task: string = JSON.parse(read("deno.json")).tasks.examples.command;
  const run = new Set(task.split(" "));
  return files.filter((path) => !run.has(path)).flatMap((path) => {
    const lines = read(path).split("\n");
    const line = 1 + lines.findIndex((text) => /^ \* ```ts$/.test(text));
    return line === 0 ? [] : [{ path, line, message: "name it in the task `examples`" }];
  });
}

async function findings(): Promise<Finding[]> {
  const files = [...walk()];
  const sources = files.filter((path) => /\.tsx?$/.test(path) && !isAssembly(path));
  const found = files.filter((path) => measured.test(path))
    .flatMap((path) => fileFindings(path, read(path)));
  found.push(...idleExamples(sources));
  const { runtime, all } = await graphOf(sources);
  for (const circle of circles(runtime)) {
    const message = `needs itself through ${circle.slice(1).join(", ") || "itself"}`;
    found.push({ path: circle[0]!, line: 1, message });
  }
  const known = new Set(sources);
  const edges = new Map(
    sources.map((path) => [path, [...all.get(path) ?? [], ...addressed(path, read(path), known)]]),
  );
  for (const path of unreached(sources, entriesOf(files), edges)) {
    found.push({
      path,
      line: 1,
      message: "no task, test or Worker leads here: use it or delete it",
    });
  }
  return found;
}

const found = await findings().catch((error: Error) => {
  console.error(`tidy: ${error.message}`);
  Deno.exit(1);
});
for (const { path, line, message } of found) console.error(`${path}:${line}: ${message}`);
console.log(found.length === 0 ? "tidy" : `${found.length} untidy`);
if (found.length > 0) Deno.exit(1);
