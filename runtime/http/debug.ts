/**
 * The debug endpoint: every actor as it is, what happened to it, and all that happens as it
 * happens. It only looks; nothing here changes the store.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { actorKinds } from "../../actors/kinds.ts";
import { type Address, type Kind, kinds } from "../../actors/messages.ts";
import type { AislePort } from "../aisle/port.ts";
import type { Config } from "../config.ts";
import type { ActorView, Engine } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Clock } from "../world.ts";
import { machineBody, machineShape } from "./machines.ts";
import type { Streams } from "./streams.ts";

const record = z.record(z.string(), z.unknown());
const actor = z.object({
  address: z.string().openapi({ example: "lane/3" }),
  kind: z.enum(kinds),
  state: z.unknown(),
  context: record,
  timers: z.array(z.object({
    id: z.string(),
    event: z.string(),
    due_ms: z.number().openapi({ description: "Absolute, milliseconds since the epoch." }),
  })),
  done: z.boolean(),
  mailbox: z.int(),
  last_event: z.object({ type: z.string(), at_ms: z.number() }).nullable(),
}).openapi("Actor");
const historyRow = z.object({
  position: z.int(),
  turn: z.int(),
  at_ms: z.number(),
  address: z.string(),
  from: z.string().openapi({ description: "An address, `outside` or `timer`." }),
  event: record,
  before: z.unknown(),
  after: z.unknown(),
  commands: z.array(record),
}).openapi("HistoryRow");

const place = { id: z.string(), name: z.string() };
const storeBody = z.object({
  store: z.object({
    ...place,
    merchant: z.string(),
    currency: z.string(),
    jurisdiction: z.string(),
    timezone: z.string(),
  }),
  gateway: z.string(),
  kinds: z.array(z.enum(kinds)),
  zones: z.array(z.object(place)),
  lanes: z.array(
    z.object({ ...place, zone: z.string(), camera: z.string(), selection: z.string() }),
  ),
  beacons: z.array(
    z.object({ hardware_id: z.string(), zone: z.string(), device: z.string() }),
  ),
  cameras: z.array(z.object({ id: z.string(), zone: z.string(), device: z.string() })),
  aisle: z.object({
    gates: z.array(z.object({
      id: z.string(),
      zone: z.string(),
      ways: z.string(),
      device: z.string(),
    })),
    shelves: z.array(z.object({
      id: z.string(),
      zone: z.string(),
      plates: z.array(z.string()),
      device: z.string(),
    })),
    equipment: z.array(z.object({
      device: z.string().openapi({ example: "scale tea" }),
      state: z.enum(["opening", "working", "lost"]),
      since_ms: z.number(),
      reason: z.string().nullable(),
      losses: z.int(),
    })).openapi({ description: "How the devices of gates and shelves are." }),
  }).optional().openapi({ description: "In a store with a walk-out aisle." }),
}).openapi("Store");

const kind = z.object({ kind: z.enum(kinds) });
const address = kind.extend({ id: z.string().min(1).max(120) });
const tags = ["debug"];
const security = [{ key: [] }, {}];
const answer = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { "application/json": { schema } } },
});

const listActors = createRoute({
  method: "get",
  path: "/debug/actors",
  summary: "Every actor in memory, every durable one that is not done, and the last payments",
  tags,
  security,
  request: { query: kind.partial() },
  responses: answer(
    "`left_off` is there when more exist than one answer lists.",
    z.object({ now_ms: z.number(), actors: z.array(actor), left_off: z.int().optional() }),
  ),
});
const oneActor = createRoute({
  method: "get",
  path: "/debug/actors/{kind}/{id}",
  summary: "One actor, also one that is done",
  tags,
  security,
  request: { params: address },
  responses: answer("The actor; secrets are masked.", actor),
});
const actorHistory = createRoute({
  method: "get",
  path: "/debug/actors/{kind}/{id}/history",
  summary: "What happened to an actor, newest first",
  tags,
  security,
  request: {
    params: address,
    query: z.object({
      before: z.coerce.number().int().min(1).optional().openapi({
        description: "Only rows before this position: `next` of the page before.",
      }),
      limit: z.coerce.number().int().min(1).max(limits.history_page).default(50),
    }),
  },
  responses: answer(
    "`next` is null at the beginning of the actor's life.",
    z.object({ history: z.array(historyRow), next: z.int().nullable() }),
  ),
});
const readMachine = createRoute({
  method: "get",
  path: "/debug/machines/{kind}",
  summary: "States, events and transitions of a kind of actor",
  tags,
  security,
  request: { params: kind },
  responses: answer("As the running definition has them.", machineBody),
});
const readStore = createRoute({
  method: "get",
  path: "/debug/store",
  summary: "The store's places and equipment, as configured",
  tags,
  security,
  responses: answer("Nothing secret.", storeBody),
});

export interface DebugOptions {
  readonly engine: Engine;
  /** The newest payments, ended ones too: they leave memory as soon as they end. */
  readonly payments: (limit: number) => readonly ActorView[];
  readonly config: Config;
  readonly clock: Clock;
  readonly streams: Streams;
  /** How the devices of an aisle are, in a store that has one. */
  readonly aisle?: Pick<AislePort, "equipment">;
}

function actorBody(view: ActorView) {
  const { address, state, context, done, mailbox, last_event } = view;
  const timers = view.timers.map(({ id, event, due_ms }) => ({ id, event: event.type, due_ms }));
  return { address, kind: view.kind as Kind, state, context, timers, done, mailbox, last_event };
}

/** Adds everything under `/debug/` but the page. */
export function debugRoutes(app: OpenAPIHono, options: DebugOptions): void {
  const { engine, config, clock, streams, payments } = options;

  function found(params: { kind: Kind; id: string }): ActorView {
    const view = engine.view(`${params.kind}/${params.id}`);
    if (view !== undefined) return view;
    const which = `${params.kind}/${params.id}`;
    throw new RuntimeError("not_found", `there is no actor ${which}; /debug/actors lists them`);
  }

  app.openapi(listActors, (context) => {
    const { kind } = context.req.valid("query");
    const ended = payments(limits.listed_ended).filter((view) => view.done)
      .filter((view) => kind === undefined || view.kind === kind);
    const views = [...engine.views(kind), ...ended];
    const actors = views.slice(0, limits.listed_actors).map(actorBody);
    const alive = Object.entries(engine.census())
      .reduce((sum, [name, count]) => kind === undefined || kind === name ? sum + count : sum, 0);
    const left_off = alive + ended.length - actors.length;
    const body = { now_ms: clock.now_ms(), actors };
    return context.json(left_off > 0 ? { ...body, left_off } : body, 200);
  });
  app.openapi(
    oneActor,
    (context) => context.json(actorBody(found(context.req.valid("param"))), 200),
  );
  app.openapi(actorHistory, (context) => {
    const { address } = found(context.req.valid("param"));
    const { before, limit } = context.req.valid("query");
    const page = before === undefined ? { limit } : { before, limit };
    const rows = engine.history(address, page);
    const last = rows.length < limit ? undefined : rows.at(-1);
    const history = rows.map((row) => ({ ...row, commands: [...row.commands] }));
    return context.json({ history, next: last?.position ?? null }, 200);
  });
  app.openapi(readMachine, (context) => {
    const { kind } = context.req.valid("param");
    return context.json(machineShape(kind, actorKinds[kind]), 200);
  });
  app.openapi(readStore, (context) => context.json(storeOf(config, options.aisle), 200));
  debugEvents(app, engine, streams);
}

/** The configuration without what is for the gateway alone. */
function storeOf(
  config: Config,
  aisle: DebugOptions["aisle"],
): z.infer<typeof storeBody> {
  const { store, gateway, zones, lanes, beacons, cameras, policies } = config;
  return {
    store,
    gateway: gateway.id,
    kinds: [...kinds],
    zones,
    lanes: lanes.map((lane) => ({ ...lane, selection: lane.selection ?? policies.selection })),
    beacons: beacons.map((beacon) => ({ ...beacon, device: beacon.device.kind })),
    cameras: cameras.map((camera) => ({ ...camera, device: camera.device.kind })),
    ...(config.aisle === undefined || aisle === undefined ? {} : {
      aisle: {
        gates: config.aisle.gates.map(({ id, zone, ways, device }) => ({
          ...{ id, zone, ways },
          device: device.kind,
        })),
        shelves: config.aisle.shelves.map(({ id, zone, plates, device }) => ({
          ...{ id, zone, plates: plates.map((plate) => plate.id) },
          device: device.kind,
        })),
        equipment: [...aisle.equipment()],
      },
    }),
  };
}

/** Every committed step, of all actors or of the one or the kind that is asked for. */
function debugEvents(app: OpenAPIHono, engine: Engine, streams: Streams): void {
  app.get("/debug/events", (context) => {
    const kind = context.req.query("kind");
    const address = context.req.query("address") as Address | undefined;
    return streams.open((tell) =>
      engine.subscribe((change) => {
        if (kind !== undefined && !change.address.startsWith(`${kind}/`)) return;
        if (address !== undefined && change.address !== address) return;
        tell({ event: "change", id: change.position, data: change });
      })
    );
  });
}
