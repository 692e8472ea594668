/** A store started as its user would, with the project's own task, and watched from outside. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Summary } from "../start/stage.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface StoreProcess extends AsyncDisposable {
  /** Resolves with the first line, past or to come, that matches; rejects at the end without
   * one. */
  line(pattern: RegExp): Promise<RegExpMatchArray>;
  signal(signal: Deno.Signal): void;
  /** Resolves with the status and everything that was printed. */
  readonly ended: Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

/** `deno task start` with these flags. */
export function startStore(...flags: string[]): StoreProcess {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start", ...flags],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const out = read(process.stdout, (line) => {
    lines.push(line);
    for (const listener of [...listeners]) listener();
  });
  const err = read(process.stderr, () => {});
  let over = false;
  const ended = Promise.all([process.status, out, err]).then(([{ code }, out, err]) => {
    over = true;
    for (const listener of [...listeners]) listener();
    return { code, out, err };
  });
  const signal = (name: Deno.Signal) => {
    if (!over) process.kill(name);
  };
  return {
    ended,
    signal,
    line(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = lines.map((line) => line.match(pattern)).find((found) => found !== null);
          if (match) resolve(match);
          else if (over) reject(new Error(`it ended without ${pattern}: ${lines.join("\n")}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      signal("SIGINT");
      await ended;
    },
  };
}

/** The summary that a store prints last. */
export function summaryOf(out: string): Summary {
  return JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
}

/** Ports that nobody listens on now. */
export function freePorts(count: number): number[] {
  const held = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = held.map(({ addr }) => addr.port);
  for (const listener of held) listener.close();
  return ports;
}

/** A store of its own: other ports than the example's, and a folder that is removed at the end. */
export async function ownStore(
  example = "deploy/store.example.json",
): Promise<{ flags: string[]; folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "store-" });
  const [gateway, issuer, retailer] = freePorts(3);
  const { content, aisle, ...rest } = JSON.parse(await Deno.readTextFile(`${root}/${example}`));
  const beside = (file: string) => join(root, dirname(example), file);
  const config = {
    ...rest,
    ...(content === undefined ? {} : {
      content: {
        ...content,
        catalogue: beside(content.catalogue),
        files: content.files.map(beside),
      },
    }),
    ...(aisle === undefined
      ? {}
      : { aisle: { ...aisle, retailer: { url: `http://127.0.0.1:${retailer}` } } }),
    $schema: undefined,
    http: { port: gateway },
    issuer: { url: `http://127.0.0.1:${issuer}` },
    data: `${folder}/data`,
  };
  await Deno.writeTextFile(`${folder}/store.json`, JSON.stringify(config));
  return {
    folder,
    flags: ["--config", `${folder}/store.json`],
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function read(stream: ReadableStream<Uint8Array>, heard: (line: string) => void) {
  const text = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
  let whole = "";
  let rest = "";
  for await (const part of text) {
    whole += part;
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) heard(line);
  }
  return whole;
}
