/**
 * The gateway's doors: health for those who run it, lanes for those who sell, debug pages for
 * those who want to see why. Every answer passes the same guards.
 */
import { type Hook, OpenAPIHono } from "@hono/zod-openapi";
import type { Env } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Config } from "../config.ts";
import type { ActorView, Engine } from "../engine/engine.ts";
import { limits } from "../limits.ts";
import type { Clock, Log, Vault } from "../world.ts";
import type { Shelf } from "../content/shelf.ts";
import type { Changes, Counter, LanePrompts } from "../counter.ts";
import type { AislePort } from "../aisle/port.ts";
import { absent } from "./absent.ts";
import { aisleRoutes } from "./aisle.ts";
import { contentRoutes } from "./content.ts";
import { debugRoutes } from "./debug.ts";
import { displayRoutes } from "./display.ts";
import * as guard from "./guard.ts";
import { healthRoutes } from "./health.ts";
import { loopRoute } from "./debug_loop.ts";
import type { Lag } from "./lag.ts";
import { type ChangeCalls, changeRoutes, createChangeCalls } from "./lane_changes.ts";
import { laneRoutes } from "./lane.ts";
import { followLane } from "./lane_follow.ts";
import type { LaneNow } from "./lane_now.ts";
import { createRefunds, refundRoutes, type Refunds } from "./lane_refunds.ts";
import { pageRoutes } from "./pages.ts";
import { operatorRoutes } from "./operator_sessions.ts";
import type { Operators } from "./operators.ts";
import { placesOf, problemPages, publicPlaces } from "./problem_page.ts";
import { onError, problem } from "./problems.ts";
import { type BooksOptions, reconciliationRoute } from "./reconciliation.ts";
import { createSales, laneOf, type Sales } from "./sales.ts";
import { Streams } from "./streams.ts";
import { turnsRoutes } from "./turns.ts";
import { Waiting } from "./waiting.ts";

export interface GatewayAppOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly counter: Counter;
  readonly changes: Changes;
  /** The newest payments, ended ones too. */
  readonly payments: (limit: number) => readonly ActorView[];
  /** What is held against the issuer's book; absent where there is no issuer to ask. */
  readonly books?: BooksOptions;
  readonly clock: Clock;
  readonly vault: Pick<Vault, "equal" | "sha256">;
  readonly operators: Operators;
  readonly log: Log;
  /** What displays show; undefined in a store that has none. */
  readonly content?: Shelf;
  /** What whoever stands at a lane is asked; undefined where nothing asks. */
  readonly prompts?: LanePrompts;
  /** Undefined in a store without a walk-out aisle. */
  readonly aisle?: AislePort;
  /** How late the event loop is; undefined in a world without real time. */
  readonly lag?: () => Lag;
  /** What rooms beside HTTP turned away because they were full, by what it was. */
  readonly refusals?: () => Readonly<Record<string, number>>;
  /** What tills, operators and engineers present; undefined when the store has no key. */
  readonly posKey?: string;
}

/** The gateway as `Request -> Response`. */
export interface GatewayApp {
  fetch(request: Request): Response | Promise<Response>;
  /** The lanes' part of it, without HTTP. */
  readonly sales: Sales;
  readonly refunds: Refunds;
  readonly changes: ChangeCalls;
  /** Tells what a lane's display shows, now and after each change, until the result is called.
   * Throws `RuntimeError` `not_found` where there is no such lane. */
  follow(lane: string, tell: (now: LaneNow) => void): () => void;
  /** For tests: a request to this machine. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Ends the streams and answers those who wait; the app answers on, but opens no stream. */
  close(): void;
}

/** `hook` of every validated route: the first thing that is wrong, and where. */
const hook: Hook<unknown, Env, string, Response | undefined> = (result) => {
  if (result.success) return;
  const [issue] = result.error.issues;
  const keys = issue?.code === "unrecognized_keys" ? ` (${issue.keys.slice(0, 3).join(", ")})` : "";
  const where = issue?.path.join(".") || result.target;
  const what = issue?.message.split("\n", 1)[0] ?? "is wrong";
  const detail = `${where}${keys}: ${what}; /openapi.json describes it`.slice(0, 400);
  return problem(400, "request_invalid", detail);
};

function document(app: OpenAPIHono): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "The store's POS key, where it has one.",
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Saunter gateway",
      version: "1",
      description: "A store's gateway: its lanes, its health and its inside. Amounts are integer " +
        "minor units, times milliseconds since the epoch, errors RFC 9457 problems.",
    },
  });
}

/** Who is here, and who was turned away. */
function figuresOf(
  waiting: Waiting,
  debug: Streams,
  lane: Streams,
  display: Streams,
  beside: GatewayAppOptions["refusals"],
) {
  return {
    gauges: () => ({
      waiting_callers: waiting.count,
      debug_streams: debug.count,
      lane_streams: lane.count,
      display_streams: display.count,
    }),
    refusals: () => ({
      waiting_caller: waiting.refused,
      debug_stream: debug.refused,
      lane_stream: lane.refused,
      display_stream: display.refused,
      slow_page: debug.behind + lane.behind + display.behind,
      ...beside?.(),
    }),
  };
}

/** What needs the store's key, where it has one. */
const keyed = [
  "/reconciliation",
  "/operators/*",
  "/lane/*",
  "/aisle/*",
  "/debug/*",
  "/debug",
  "/display/*",
  "/content",
  "/content/*",
];

/** Content and displays, in a store that has them. */
function shownRoutes(
  app: OpenAPIHono,
  { engine, config, content }: GatewayAppOptions,
  streams: Streams,
): void {
  if (content === undefined) return;
  contentRoutes(app, content);
  displayRoutes(app, { engine, config, shelf: content, streams });
}

/** What every request passes, whatever it asks. */
function guards(app: OpenAPIHono, { config, vault, log, posKey }: GatewayAppOptions): void {
  app.onError(onError(log));
  app.notFound(absent(app));
  app.use(guard.headers());
  app.use(guard.headOnly());
  app.use(problemPages(publicPlaces));
  app.use(guard.host(config.http.host, config.http.names));
  app.use(guard.sameSite());
  const named = problemPages(placesOf(config));
  for (const inside of keyed) app.use(inside, guard.key(vault, posKey), named);
  app.use(guard.jsonOnly());
  app.use(bodyLimit({
    maxSize: limits.request_bytes,
    onError: () =>
      problem(413, "too_large", `send at most ${limits.request_bytes} bytes in one request`),
  }));
}

/** Builds the app. Nothing listens yet. */
export function gatewayApp(options: GatewayAppOptions): GatewayApp {
  const { engine, config, counter, changes, payments, clock, log } = options;
  const stop = new AbortController();
  const waiting = new Waiting(engine, clock, stop.signal);
  const debugStreams = new Streams(clock, stop.signal, limits.debug_streams, log);
  const displayStreams = new Streams(clock, stop.signal, limits.display_streams, log);
  const laneStreams = new Streams(clock, stop.signal, limits.lane_streams, log);

  const app = new OpenAPIHono({ defaultHook: hook });
  guards(app, options);
  healthRoutes(app, {
    engine,
    stopping: stop.signal,
    ...(options.lag === undefined ? {} : { lag: options.lag }),
    ...figuresOf(waiting, debugStreams, laneStreams, displayStreams, options.refusals),
  });
  const sales = createSales({ engine, config, counter, waiting });
  if (options.books !== undefined) reconciliationRoute(app, options.books);
  const signedIn = operatorRoutes(app, options.operators);
  const prompts = options.prompts && { prompts: options.prompts };
  laneRoutes(app, { ...{ engine, config, sales, signedIn }, streams: laneStreams, ...prompts });
  const refunds = createRefunds({ counter, waiting });
  refundRoutes(app, refunds, signedIn);
  const changeCalls = createChangeCalls({ changes, waiting });
  changeRoutes(app, changeCalls, signedIn);
  const aisle = options.aisle === undefined ? {} : { aisle: options.aisle };
  debugRoutes(app, { engine, payments, config, clock, streams: debugStreams, ...aisle });
  if (options.prompts !== undefined) turnsRoutes(app, config, options.prompts);
  if (options.aisle !== undefined) aisleRoutes(app, { aisle: options.aisle, clock, signedIn });
  loopRoute(app, options.lag);
  shownRoutes(app, options, displayStreams);
  pageRoutes(app, config);
  document(app);

  return {
    sales,
    refunds,
    changes: changeCalls,
    follow: (lane, tell) =>
      followLane(engine, config, laneOf(config, lane), options.prompts, tell, (error) => {
        log("error", "a lane that is followed cannot be read", { lane, reason: String(error) });
      }),
    fetch: (request) => app.fetch(request),
    request: async (path, init) =>
      await app.fetch(new Request(new URL(path, "http://127.0.0.1"), init)),
    close: () => stop.abort(),
  };
}
