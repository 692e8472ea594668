/**
 * Who imports whom, as `deno info` tells it, and what follows from that: circles of files that
 * need each other at run time, and files that nothing needs.
 */

/** Files by their path from the top of the repository. */
export interface Graph {
  /** Imports that are there at run time. */
  readonly runtime: ReadonlyMap<string, ReadonlySet<string>>;
  /** The same, with imports of types and addresses of Workers and programs. */
  readonly all: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Module {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string; readonly error?: string };
    readonly type?: { readonly specifier?: string; readonly error?: string };
  }[];
}

/** Reads `deno info --json`; `top` is the repository as a file URL that ends with a slash. Throws
 * when a file could not be read or an import leads nowhere. */
export function readGraph(info: { readonly modules: readonly Module[] }, top: string): Graph {
  const runtime = new Map<string, Set<string>>();
  const all = new Map<string, Set<string>>();
  const inside = (url: string | undefined) =>
    url?.startsWith(top) ? decodeURIComponent(url.slice(top.length)) : undefined;
  for (const { specifier, error, dependencies = [] } of info.modules) {
    const path = inside(specifier);
    if (path === undefined) continue;
    if (error !== undefined) throw new Error(`${path}: ${error.split("\n")[0]}`);
    const now = new Set<string>();
    const ever = new Set<string>();
    for (const { code, type } of dependencies) {
      const needed = inside(code?.specifier);
      if (needed !== undefined) now.add(needed);
      for (const target of [needed, inside(type?.specifier)]) if (target) ever.add(target);
    }
    runtime.set(path, now);
    all.set(path, ever);
  }
  return { runtime, all };
}

/** Files of this repository that a file runs as Workers or child programs: their addresses, and
 * their paths from the top as texts. */
export function addressed(path: string, text: string, files: ReadonlySet<string>): string[] {
  const addresses = text.matchAll(
    /new URL\(\s*["'`]([^"'`$]+\.tsx?)["'`],\s*import\.meta\.url/g,
  );
  const relative = [...addresses].map(([, address]) =>
    decodeURIComponent(new URL(address!, `file:///${path}`).pathname.slice(1))
  );
  // A test may name any file without needing it.
  const texts = /_test\.tsx?$/.test(path)
    ? []
    : [...text.matchAll(/["'`]([\w./-]+\.tsx?)["'`]/g)].map(([, name]) => name!);
  return [...relative, ...texts].filter((name) => files.has(name));
}

/** Programs that the tasks of a deno.json run, by their path from where it lies. */
export function programsOf(
  tasks: Readonly<Record<string, string | { command?: string }>>,
): string[] {
  const commands = Object.values(tasks).map((task) =>
    typeof task === "string" ? task : task.command ?? ""
  );
  return commands.flatMap((command) => command.match(/[\w./-]+\.tsx?(?=\s|$|["'])/g) ?? []);
}

/** What none of the entries leads to, in the order given. */
export function unreached(
  files: readonly string[],
  entries: Iterable<string>,
  edges: ReadonlyMap<string, Iterable<string>>,
): string[] {
  const reached = new Set<string>();
  const ahead = [...entries];
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    ahead.push(...edges.get(path) ?? []);
  }
  return files.filter((path) => !reached.has(path));
}

/** Circles: each file of a circle leads to every other. Tarjan, Depth-first search and linear graph
 * algorithms, SIAM J. Comput. 1 (1972). Each circle sorted, all of them by their first file. */
export function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const found: string[][] = [];

  function visit(path: string): void {
    index.set(path, index.size);
    low.set(path, index.get(path)!);
    stack.push(path);
    open.add(path);
    for (const next of edges.get(path) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(path, Math.min(low.get(path)!, low.get(next)!));
      } else if (open.has(next)) low.set(path, Math.min(low.get(path)!, index.get(next)!));
    }
    if (low.get(path) !== index.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    for (const member of circle) open.delete(member);
    if (circle.length > 1 || edges.get(path)?.has(path)) found.push(circle.toSorted());
  }

  for (const path of edges.keys()) if (!index.has(path)) visit(path);
  return found.toSorted((a, b) => a[0]! < b[0]! ? -1 : 1);
}
