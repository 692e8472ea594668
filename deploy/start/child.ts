/**
 * A child process of the launcher: told things over its standard input, ended by closing it. What
 * it prints goes on to the terminal; the launcher may wait for a line.
 */

export interface ChildOptions {
  /** For messages. */
  readonly name: string;
  /** The project's folder. */
  readonly root: string;
  readonly script: string;
  /** The configuration that names its packages; the project's own where none is given. */
  readonly config?: string;
  readonly permissions: readonly string[];
  readonly args: readonly string[];
}

export interface Child {
  readonly pid: number;
  readonly ended: Promise<Deno.CommandStatus>;
  /** Writes one line to its standard input; a child that has ended says itself why. */
  say(line: string): Promise<void>;
  /** The first line that matches; undefined when the child ends before, having said why. */
  heard(pattern: RegExp): Promise<RegExpExecArray | undefined>;
  /** Closes its standard input, which asks it to stop. */
  stop(): void;
  /** Stops it, and kills it when it does not heed within two seconds. */
  end(): Promise<void>;
}

const patience_ms = 2_000;

export function startChild(options: ChildOptions): Child {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      ...(options.config === undefined ? [] : ["--config", options.config]),
      ...options.permissions,
      options.script,
      ...options.args,
    ],
    cwd: options.root,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = process.stdin.getWriter();
  const waiting = new Set<(line: string) => void>();
  let open = true;

  const printed = print(process.stdout, (line) => {
    for (const wait of waiting) wait(line);
  });
  const ended = Promise.all([process.status, printed]).then(([status]) => status);

  function stop(): void {
    if (!open) return;
    open = false;
    // The child may be gone already; its status tells.
    input.close().catch(() => undefined);
  }

  return {
    pid: process.pid,
    ended,
    async say(line) {
      try {
        if (open) await input.write(new TextEncoder().encode(`${line}\n`));
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      }
    },
    heard(pattern) {
      return new Promise((resolve) => {
        waiting.add((line) => {
          const match = pattern.exec(line);
          if (match !== null) resolve(match);
        });
        ended.then(() => resolve(undefined));
      });
    },
    stop,
    async end() {
      stop();
      const late = setTimeout(() => kill(process), patience_ms);
      await ended;
      clearTimeout(late);
    },
  };
}

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function print(output: ReadableStream<Uint8Array>, heard: (line: string) => void) {
  const lines = output.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
  let rest = "";
  for await (const text of lines) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      console.log(line);
      heard(line);
    }
  }
  if (rest) console.log(rest);
}
