/**
 * The gateway's ear on the network: takes a port, answers with the app, and leaves cleanly:
 * streams end first, requests under way may finish, and what hangs is cut off.
 */
import { RuntimeError } from "../errors.ts";

export interface Listening {
  fetch(request: Request): Response | Promise<Response>;
  /** Ends what the app holds open. */
  close(): void;
}

export interface Listener {
  /** e.g. `http://127.0.0.1:8480`. */
  readonly url: string;
  readonly port: number;
  /** Resolves when nothing is open any more; may be called again. */
  close(): Promise<void>;
}

/** How long requests under way may take when the gateway stops. */
const grace_ms = 1_000;

function refused(error: unknown, host: string, port: number): RuntimeError {
  if (error instanceof Deno.errors.AddrInUse) {
    return new RuntimeError(
      "port_busy",
      `port ${port} on ${host} is taken; stop what listens there or choose another (http.port)`,
    );
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new RuntimeError(
      "usage",
      `not permitted to listen on ${host}:${port}; start with --allow-net=${host}:${port}`,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new RuntimeError(
      "config_invalid",
      `this user may not listen on port ${port}; choose one above 1023 (http.port)`,
    );
  }
  return new RuntimeError(
    "config_invalid",
    `cannot listen on ${host}:${port}; set http.host to an address of this machine`,
    { cause: error },
  );
}

/**
 * Listens. Throws `RuntimeError` of kind `port_busy`, `usage` or `config_invalid` when it cannot.
 * Port 0 takes any free one.
 */
export function listen(
  app: Listening,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listener> {
  const cut = new AbortController();
  const underWay = new UnderWay();
  const bare = host.replace(/^\[|\]$/g, "");
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve(
      { hostname: bare, port, signal: cut.signal, onListen: () => {} },
      (request) => underWay.during(() => app.fetch(request)),
    );
  } catch (error) {
    return Promise.reject(refused(error, host, port));
  }
  const shown = bare.includes(":") ? `[${bare}]` : bare;
  let closing: Promise<void> | undefined;
  return Promise.resolve({
    url: `http://${shown}:${server.addr.port}`,
    port: server.addr.port,
    close: () => closing ??= leave(app, server, underWay, cut),
  });
}

/** Requests that have no answer yet. */
class UnderWay {
  #count = 0;
  #idle = () => {};

  async during(answer: () => Response | Promise<Response>): Promise<Response> {
    this.#count++;
    try {
      return await answer();
    } finally {
      if (--this.#count === 0) this.#idle();
    }
  }

  /** Resolves when every request has its answer. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle = resolve);
  }
}

/** True when it came to pass within the grace. */
async function inTime(promise: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), grace_ms);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A server that was told to shut down cannot be cut off any more, so which of the two it is to be
 * is decided first: the gentle way when all have their answer, the other way when one hangs.
 */
async function leave(
  app: Listening,
  server: Deno.HttpServer,
  underWay: UnderWay,
  cut: AbortController,
): Promise<void> {
  app.close();
  if (await inTime(underWay.idle())) {
    // A reader that takes its answer too slowly does not hold the gateway up either.
    await inTime(server.shutdown());
  } else {
    cut.abort();
    await server.finished;
  }
}
