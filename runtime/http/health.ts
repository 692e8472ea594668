/**
 * Whether the gateway lives, whether it can serve, and its figures in Prometheus' text format.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { kinds, standInAddress } from "../../actors/messages.ts";
import type { ActorView, Engine, EngineStatistics } from "../engine/engine.ts";
import { type Lag, lagExposition } from "./lag.ts";
import { type Outcome, outcomeOf, outcomes } from "./counter.ts";

const check = z.object({
  name: z.string().openapi({ example: "camera/till-1" }),
  ok: z.boolean(),
  /** What is wrong, where something is. */
  detail: z.string().optional(),
});
const readiness = z.object({ ready: z.boolean(), checks: z.array(check) }).openapi("Readiness");
export type Check = z.infer<typeof check>;

export interface HealthOptions {
  readonly engine: Engine;
  /** Figures of the HTTP rooms themselves. */
  readonly gauges: () => Readonly<Record<string, number>>;
  /** What was turned away because something was full, by what it was. */
  readonly refusals: () => Readonly<Record<string, number>>;
  readonly stopping: AbortSignal;
  readonly lag?: () => Lag;
}

const jsonOf = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { "application/json": { schema } },
});
const tags = ["health"];
const alive = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Is the process alive",
  tags,
  responses: { 200: jsonOf("It answers.", z.object({ alive: z.literal(true) })) },
});
const ready = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Can the store sell, and if not, what is missing",
  tags,
  responses: {
    200: jsonOf("Ready.", readiness),
    503: jsonOf("Not ready; the checks that are not ok say why.", readiness),
  },
});
const metrics = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Figures in Prometheus' text format",
  tags,
  responses: {
    200: { description: "Text.", content: { "text/plain": { schema: z.string() } } },
  },
});

/** Counts sales as they end, from the committed steps. */
function saleCounter(engine: Engine, stopping: AbortSignal): Record<Outcome, number> {
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<
    Outcome,
    number
  >;
  const unsubscribe = engine.subscribe(({ address, before, after }) => {
    if (!address.startsWith("payment/")) return;
    const outcome = outcomeOf(after);
    if (outcome !== null && outcome !== outcomeOf(before)) counts[outcome]++;
  });
  stopping.addEventListener("abort", unsubscribe, { once: true });
  return counts;
}

/** The journal must be whole and every camera must see; the link may be down, and is told. */
function checksOf(cameras: readonly ActorView[], failure: string | undefined): Check[] {
  const checks: Check[] = [
    failure === undefined
      ? { name: "journal", ok: true }
      : { name: "journal", ok: false, detail: failure },
  ];
  for (const { address, state } of cameras) {
    const ok = state === "streaming";
    checks.push({ name: address, ok, ...(ok ? {} : { detail: String(state) }) });
  }
  if (checks.length === 1) checks.push({ name: "cameras", ok: false, detail: "none has started" });
  return checks;
}

/** Adds `/healthz`, `/readyz` and `/metrics`. */
export function healthRoutes(app: OpenAPIHono, options: HealthOptions): void {
  const { engine, gauges, refusals, stopping, lag } = options;
  let failure: string | undefined;
  engine.failed.then((error) => failure = error.message);
  const sales = saleCounter(engine, stopping);

  app.openapi(alive, (context) => context.json({ alive: true as const }, 200));
  app.openapi(ready, (context) => {
    const required = checksOf(engine.views("camera"), failure);
    if (stopping.aborted) required.push({ name: "gateway", ok: false, detail: "stopping" });
    const link = engine.views("link").map(({ address, state }) => {
      const ok = state === "online";
      return { name: address, ok, ...(ok ? {} : { detail: String(state) }) };
    });
    const isReady = required.every(({ ok }) => ok);
    return context.json({ ready: isReady, checks: [...required, ...link] }, isReady ? 200 : 503);
  });
  app.openapi(metrics, (context) => {
    const figures = exposition(engine, sales, gauges(), refusals());
    const text = lag === undefined ? figures : `${figures}${lagExposition(lag())}\n`;
    return context.text(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function family(name: string, type: "counter" | "gauge", help: string, samples: Sample[]) {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}

const one = (value: number): Sample[] => [[{}, value]];

/** What became of the journal's old parts. */
const kept = (told: EngineStatistics): string[] => [
  family(
    "saunter_journal_checked_rows_total",
    "counter",
    "Old rows of the journal read again and found as they were written.",
    one(told.checked_rows),
  ),
  family(
    "saunter_journal_damaged_rows_total",
    "counter",
    "Old rows of the journal that are not as they were written.",
    one(told.damaged),
  ),
];

/** What gave way, was refused, or came for nobody. */
const turnedAway = (told: EngineStatistics, refusals: Readonly<Record<string, number>>) => [
  family(
    "saunter_outbox_unawaited_total",
    "counter",
    "Answers of the issuer that no command waited for.",
    one(told.unawaited),
  ),
  family("saunter_overloaded_total", "counter", "Facts refused: full.", one(told.overloaded)),
  family(
    "saunter_shed_total",
    "counter",
    "Facts that gave way to later ones, by kind of actor.",
    kinds.map((kind): Sample => [{ kind }, told.shed[kind] ?? 0]),
  ),
  family(
    "saunter_refusals_total",
    "counter",
    "Turned away or let go because something was full.",
    Object.entries(refusals).map(([what, count]): Sample => [{ what }, count]),
  ),
];

const standIn = z.object({
  offline_since_ms: z.int().nullable(),
  open: z.array(z.object({ amount_minor: z.int() })),
  taken: z.int(),
  taken_minor: z.int(),
  refused: z.int(),
  refused_minor: z.int(),
});
const linkContext = z.object({ offline_since_ms: z.int().nullable() });

/** Since when the issuer is away, and what was sold without it: kept on the disk. */
function withoutIssuer(engine: Engine): string[] {
  const [link] = engine.views("link").map(({ context }) => linkContext.parse(context));
  const since_ms = link?.offline_since_ms ?? null;
  const figures = [
    family(
      "saunter_issuer_offline_since_seconds",
      "gauge",
      "Since when the issuer is out of reach, in Unix time; 0 while it is in reach.",
      one(since_ms === null ? 0 : since_ms / 1000),
    ),
  ];
  const view = engine.view(standInAddress);
  if (view === undefined) return figures;
  const known = standIn.parse(view.context);
  const open_minor = known.open.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  const figure = (name: string, type: "counter" | "gauge", help: string, value: number) =>
    family(`saunter_offline_${name}`, type, help, one(value));
  return [
    ...figures,
    figure(
      "open",
      "gauge",
      "Sales accepted without the issuer and not settled.",
      known.open.length,
    ),
    figure("open_minor", "gauge", "The same in minor units.", open_minor),
    figure("taken_total", "counter", "Accepted offline and captured in the end.", known.taken),
    figure("taken_minor_total", "counter", "The same in minor units.", known.taken_minor),
    figure("refused_total", "counter", "Accepted offline and refused late.", known.refused),
    figure("refused_minor_total", "counter", "The same in minor units.", known.refused_minor),
  ];
}

function exposition(
  engine: Engine,
  sales: Readonly<Record<Outcome, number>>,
  gauges: Readonly<Record<string, number>>,
  refusals: Readonly<Record<string, number>>,
): string {
  const told = engine.statistics();
  const counted = new Map<string, number>(kinds.map((kind) => [kind, 0]));
  for (const [kind, count] of Object.entries(engine.census())) counted.set(kind, count);
  return [
    family("saunter_turns_total", "counter", "Turns that were taken.", one(told.turns)),
    family("saunter_events_total", "counter", "Events that actors took.", one(told.events)),
    family("saunter_refused_total", "counter", "Events nobody took.", one(told.refused)),
    family("saunter_commits_total", "counter", "Commits to the journal.", one(told.commits)),
    family("saunter_outbox", "gauge", "Commands the issuer has not answered.", one(told.outbox)),
    family("saunter_mailbox", "gauge", "Facts that wait for a turn.", one(told.mailbox)),
    ...kept(told),
    ...turnedAway(told, refusals),
    ...withoutIssuer(engine),
    family("saunter_asleep", "gauge", "Actors that are only on disk.", one(told.asleep)),
    family(
      "saunter_actors",
      "gauge",
      "Actors that are not done, by kind.",
      [...counted].map(([kind, count]): Sample => [{ kind }, count]),
    ),
    family(
      "saunter_sales_total",
      "counter",
      "Sales that ended since this process started, by outcome; it begins at 0 with each start. " +
        "What was accepted offline counts again when it is captured or refused.",
      outcomes.map((outcome): Sample => [{ outcome }, sales[outcome]]),
    ),
    ...Object.entries(gauges).map(([name, value]) =>
      family(`saunter_http_${name}`, "gauge", `Open now: ${name.replaceAll("_", " ")}.`, one(value))
    ),
  ].join("\n") + "\n";
}
