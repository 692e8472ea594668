/** Compiles the stand-ins of devices for tests, once for each source. */
import { fileURLToPath } from "node:url";

/** The path of the library made of `hardware/testing/{name}.c`. */
export async function compileStandin(name: string): Promise<string> {
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  const library = await Deno.makeTempFile({ prefix: name, suffix: ".so" });
  const warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-nonnull-compare"];
  await run("cc", ["-shared", "-fPIC", "-O2", ...warnings, "-o", library, source]);
  return library;
}

/** What a program prints; throws when it fails. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** What C expressions are worth, as a header of the system has it; 32 bits of them. */
export async function numbersOf(
  header: string,
  expressions: readonly string[],
): Promise<number[]> {
  const source = await Deno.makeTempFile({ suffix: ".c" });
  const program = `${source}.out`;
  try {
    const includes = ["stddef.h", "stdio.h", header].map((name) => `#include <${name}>`);
    const prints = expressions.map((what) => `printf("%u\\n", (unsigned)(${what}));`);
    await Deno.writeTextFile(
      source,
      [...includes, "int main(void) {", ...prints, "}", ""].join("\n"),
    );
    await run("cc", ["-o", program, source]);
    return (await run(program, [])).trim().split("\n").map(Number);
  } finally {
    await Deno.remove(source).catch(() => {});
    await Deno.remove(program).catch(() => {});
  }
}
