/** Problems of a configuration, and the questions from which most of them come. */

/** A problem and where it is. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const quote = (ids: readonly string[]) => ids.map((id) => `"${id}"`).join(", ");

export function* duplicates(
  list: string,
  key: string,
  ids: readonly string[],
): Generator<Problem> {
  const first = new Map<string, number>();
  for (const [index, id] of ids.entries()) {
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, index);
    else {
      yield {
        path: [list, index, key],
        message: `"${id}" is also ${list}[${earlier}]; give each its own`,
      };
    }
  }
}

export function* unknown(
  path: readonly PropertyKey[],
  what: string,
  id: string,
  known: readonly string[],
): Generator<Problem> {
  if (!known.includes(id)) {
    yield { path, message: `there is no ${what} "${id}"; name one of ${quote(known)}` };
  }
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** An address of somebody else's, and nothing but that. */
export function* origin(
  path: readonly string[],
  text: string,
  example: string,
): Generator<Problem> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    yield { path, message: `is no http(s) address; give one such as ${example}` };
  } else if (url.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    yield { path, message: `has more than an origin; write ${url.protocol}//${url.host}` };
  } else if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    yield { path, message: "plain http leaves this machine; use https" };
  }
}
