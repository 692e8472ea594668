/** A process that is there to be killed: spoken to in lines, heard in lines, ended by SIGKILL. */
import { fileURLToPath } from "node:url";
import { RuntimeError } from "../../runtime/errors.ts";
import { linesOf } from "./lines.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Lines of its last words that are kept for who asks why it ended. */
const kept = 12;

export interface Mortal {
  say(line: string): void;
  /** Kills it unless it is dead; resolves when it is. */
  kill(): Promise<void>;
  /** Resolves when it has ended, and everything that it said was heard. */
  readonly ended: Promise<End>;
}

export interface End {
  readonly byItself: boolean;
  /** The signal that ended it; null when it ended in its own words. */
  readonly signal: Deno.Signal | null;
  readonly last_words: string;
}

/** A signal that nobody sent has ended a process: its runtime has failed, or what emulates it. */
export class Crashed extends RuntimeError {
  constructor(message: string) {
    super("stopped", message);
  }
}

export interface MortalOptions {
  readonly script: string;
  readonly permissions: readonly string[];
  readonly args?: readonly string[];
  readonly heard: (line: string) => void;
  /** Every line of its log. */
  readonly logged?: (line: string) => void;
}

export function bear({ script, permissions, args = [], heard, logged }: MortalOptions): Mortal {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, script, ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = process.stdin.getWriter();
  const last: string[] = [];
  let killed = false;
  let over = false;
  const hear = async (stream: ReadableStream<Uint8Array>, take: (line: string) => void) => {
    for await (const line of linesOf(stream)) take(line);
  };
  const ended = Promise.all([
    process.status,
    hear(process.stdout, heard),
    hear(process.stderr, (line) => {
      logged?.(line);
      last.push(line);
      if (last.length > kept) last.shift();
    }),
  ]).then(([{ signal }]) => {
    over = true;
    // Nobody reads what may still stand in the pipe.
    input.abort().catch(() => undefined);
    return { byItself: !killed || signal !== "SIGKILL", signal, last_words: last.join("\n") };
  });
  return {
    ended,
    say(line) {
      // It may have died a moment ago; its end is told elsewhere.
      input.write(new TextEncoder().encode(`${line}\n`)).catch(() => undefined);
    },
    async kill() {
      if (!over) {
        killed = true;
        try {
          process.kill("SIGKILL");
        } catch (error) {
          if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
        }
      }
      await ended;
    },
  };
}
