/** The standard input of a process: its first lines may be secrets, its end the end of a parent. */

/** Line by line to the end; of a line that does not end, its last 1,000 characters. */
export async function* inputLines(): AsyncGenerator<string, void, void> {
  let rest = "";
  for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = (lines.pop() ?? "").slice(-1_000);
    yield* lines;
  }
  if (rest) yield rest;
}
