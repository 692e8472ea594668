/** The standard input of a child process: a line to begin with, and an end that means stop. */
import { RuntimeError } from "../../runtime/errors.ts";

/** Longest first line: a configuration with every lane there may be. */
const characters_at_most = 1_000_000;

export interface StandardInput {
  /** The first line. Rejects with `RuntimeError` `usage` when there is none. */
  readonly line: Promise<string>;
  /** Resolves when nobody writes any more: the parent has closed it, or is gone. */
  readonly closed: Promise<void>;
}

export function standardInput(): StandardInput {
  const first = Promise.withResolvers<string>();
  const closed = read(first.resolve).then(() => {
    first.reject(new RuntimeError("usage", "this program is started by `deno task start`"));
  });
  return { line: first.promise, closed };
}

async function read(found: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  let whole = false;
  for await (const chunk of Deno.stdin.readable) {
    if (whole) continue;
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    whole = end >= 0;
    if (whole) found(text.slice(0, end));
    if (text.length > characters_at_most) return;
  }
}
