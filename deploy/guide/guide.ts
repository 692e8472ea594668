/**
 * Carries out a guide: its code blocks are whole files or changes to files, each named after the
 * block's language, as in "```ts actors/bell.ts" and "```diff actors/kinds.ts".
 */

export interface Step {
  readonly language: "ts" | "diff";
  readonly path: string;
  readonly text: string;
}

/** The blocks of a guide that name a file, in order. */
export function stepsOf(markdown: string): Step[] {
  const blocks = markdown.matchAll(/^```(ts|diff) (\S+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, language, path, text]) => ({
    language: language as Step["language"],
    path: path!,
    text: text!,
  }));
}

/** A file after a change; throws unless the lines that the change shows stand there exactly
 * once. */
export function changed(text: string, { path, text: change }: Step): string {
  const lines = change.replace(/\n$/, "").split("\n");
  const keep = (marks: string) =>
    lines.filter((line) => marks.includes(line[0] ?? " ")).map((line) => line.slice(1)).join("\n");
  const before = keep(" -");
  const places = text.split(before).length - 1;
  if (places !== 1) {
    throw new Error(`${path} holds the lines to change ${places} times:\n${before}`);
  }
  return text.replace(before, () => keep(" +"));
}

/** Carries out the steps on files, given and returned by their paths. */
export function follow(files: ReadonlyMap<string, string>, steps: readonly Step[]) {
  const result = new Map(files);
  for (const step of steps) {
    const known = result.get(step.path);
    if (step.language === "ts" && known !== undefined) throw new Error(`${step.path} is there`);
    if (step.language === "diff" && known === undefined) throw new Error(`no ${step.path} here`);
    result.set(step.path, known === undefined ? step.text : changed(known, step));
  }
  return result;
}

/** Follows `docs/add-an-actor.md` on a copy of `actors/` in a folder of its own; returns the
 * folder, which ends with a slash. Needs to read the repository and to write temporary files. */
export async function followAddAnActor(): Promise<URL> {
  const top = new URL("../../", import.meta.url);
  const files = new Map<string, string>();
  for (const folder of ["actors/", "actors/testing/"]) {
    for await (const { isFile, name } of Deno.readDir(new URL(folder, top))) {
      if (!isFile) continue;
      files.set(folder + name, await Deno.readTextFile(new URL(folder + name, top)));
    }
  }
  const guide = await Deno.readTextFile(new URL("docs/add-an-actor.md", top));
  const copy = new URL(`file://${await Deno.makeTempDir({ prefix: "guide-" })}/`);
  await Deno.mkdir(new URL("actors/testing", copy), { recursive: true });
  for (const [path, text] of follow(files, stepsOf(guide))) {
    await Deno.writeTextFile(new URL(path, copy), text);
  }
  return copy;
}
