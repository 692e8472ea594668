/** Streams of bytes as lines of text: how the processes of the kill test speak with each other. */

/** Longest line: the books of a long run. */
const characters_at_most = 64_000_000;

/** Each whole line, to the end of the stream. What a dying writer left unfinished is not told. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > characters_at_most) throw new RangeError("a line without end");
    yield* parts;
  }
}
