/**
 * A gateway, whole: engine, devices, link and HTTP, built from a world and a configuration. Whoever
 * makes the world decides whether it is a store, a test or a simulation.
 */
// long because all rooms are joined in this one place
import { actorKinds } from "../actors/kinds.ts";
import type { Address } from "../actors/messages.ts";
import { type Aisle, createAisle } from "./aisle/aisle.ts";
import type { AislePort } from "./aisle/port.ts";
import type { Config } from "./config.ts";
import { createEngine, type EngineOptions } from "./engine/create.ts";
import type { ActorView, Engine } from "./engine/engine.ts";
import { type GatewayApp, gatewayApp } from "./http/app.ts";
import { Operators } from "./http/operators.ts";
import type { BooksOptions } from "./http/reconciliation.ts";
import type { Lag } from "./http/lag.ts";
import { createChanges } from "./intake/changes.ts";
import { createCounter } from "./intake/counter.ts";
import { createDeviceIntake, type DeviceIntake } from "./intake/devices.ts";
import { createPromptDesk, type PromptDesk } from "./intake/prompts.ts";
import { configure, mayBeOld, resumeSales } from "./intake/start.ts";
import { createGalleries } from "./intake/galleries.ts";
import { createAccountDataFetcher } from "./sync/account_data.ts";
import { wireChanges } from "./sync/changes.ts";
import { wireAdmissions } from "./sync/admissions.ts";
import { wireChallenges } from "./sync/challenge.ts";
import { createFeed } from "./sync/feed.ts";
import { wireChoosing } from "./content/choosing.ts";
import type { Shelf } from "./content/shelf.ts";
import { viewOf } from "./content/view.ts";
import { wireShowing } from "./sync/content.ts";
import type { Speak } from "./sync/contract/port.ts";
import { createIssuer, type Issuer } from "./sync/issuer.ts";
import { createLetters } from "./sync/letters.ts";
import type { GatewayIdentity } from "./sync/identity.ts";
import { createNonceClerk, createNonceSource } from "./sync/nonces.ts";
import { createOutbox } from "./sync/outbox.ts";
import { createRetailer } from "./sync/retailer.ts";

import { invariant } from "./errors.ts";
import type { OperatorRecord } from "./vault/pins.ts";
import type { ProbeTurns, World } from "./world.ts";

const day_ms = 86_400_000;
/** Read for `/reconciliation` before the loop goes on. */
const page_actors = 200;

export interface GatewayOptions {
  readonly config: Config;
  readonly identity: GatewayIdentity;
  /** Those who may decide at lanes, once they have signed in. */
  readonly operators: readonly OperatorRecord[];
  /** What tills and operators must present; without it the gateway is for this machine alone. */
  readonly posKey?: string;
  /** What its displays show; needed where the configuration has displays. */
  readonly content?: Shelf;
  /** How it speaks with its issuer; signed HTTP over the world's link unless told otherwise. */
  readonly speak?: Speak;
  /** How late the event loop is, where there is one to measure. */
  readonly lag?: () => Lag;
  /** When ticks begin and messages between actors arrive, where that is not at once, and who rests
   * on the disk, where that is not only under load: a simulation chooses. */
  readonly scheduling?: Pick<EngineOptions, "defer" | "deliver" | "rest">;
}

export interface Gateway {
  readonly engine: Engine;
  readonly issuer: Issuer;
  /** Undefined in a store without a walk-out aisle. */
  readonly aisle: AislePort | undefined;
  /** Payments on the disk, ended ones too, newest first. */
  payments(limit: number): ActorView[];
  /** Answers HTTP; `close` ends the streams it holds open. */
  readonly app: GatewayApp;
  /** Resolves when the cameras are open. The link comes by itself, now or later. */
  start(): Promise<void>;
  /** Takes no more facts, commits what was taken, lets go of devices and journal. */
  stop(): Promise<void>;
}

/** The rooms that speak with the issuer, and how they wake each other. */
function linkRooms(
  world: World,
  { config, identity, speak }: GatewayOptions,
  engine: Engine,
  askAnew: () => void,
) {
  const { clock, random, journal, log } = world;
  const issuer = createIssuer(world, identity, speak);
  const outbox = createOutbox({
    engine,
    clock,
    random,
    log,
    send: issuer.send,
    takes: (command) => command.startsWith("issuer."),
  });
  const beacons = config.beacons.map((beacon) => beacon.hardware_id);
  /** The issuer answers with the codes of the present period on the feed. */
  const registerBeacons = () =>
    issuer.registerBeacons(beacons).catch((error: Error) =>
      log("warn", "the beacons are not registered", { reason: error.message })
    );
  const feed = createFeed({
    engine,
    clock,
    random,
    log,
    gateway: config.gateway.id,
    cursor: journal.head.feed_cursor,
    open: issuer.openFeed,
    onConnected() {
      outbox.wake();
      registerBeacons();
    },
    onClockSet() {
      log("warn", "the clock was set: codes and who is here are asked for anew");
      registerBeacons();
      askAnew();
    },
  });
  const letters = createLetters({
    link: world.issuer,
    clock,
    log,
    letterboxes: world.devices.letterboxes ?? new Map(),
    beacons,
    nonces: createNonceClerk({ ...world, keys: identity, beacons: world.devices.beacons }),
  });
  return { issuer, outbox, feed, letters };
}

/** A walk-out aisle with the way to its retailer; undefined in a store that has none. What waits
 * for the retailer holds up nothing that is for the issuer. */
function aisleRooms(world: World, config: Config, engine: Engine, issuer: Issuer) {
  const { clock, random, log, retailer: link } = world;
  if (config.aisle === undefined) return undefined;
  invariant(link, "a store with an aisle has a way to its retailer");
  const retailer = createRetailer({ link, clock, random, store: config.store.id });
  const aisle: Aisle = createAisle({
    world,
    engine,
    aisle: config.aisle,
    accept_liveness: config.policies.accept_liveness,
    displays: config.displays.map(({ zone }) => zone),
  });
  const trips = createOutbox({
    engine,
    clock,
    random,
    log,
    send: retailer.submit,
    takes: (command) => command.startsWith("retailer."),
  });
  return {
    port: aisle.port,
    wire() {
      aisle.wire();
      wireAdmissions({ engine, clock, issuer, retailer, log });
    },
    configure: aisle.configure,
    start() {
      aisle.start();
      trips.start();
    },
    async stop() {
      await trips.stop();
      await aisle.stop();
    },
  };
}

/** The rooms between devices, templates and the issuer's account data. */
function deviceRooms(
  world: World,
  { config, identity }: GatewayOptions,
  engine: Engine,
  issuer: Issuer,
) {
  const { log } = world;
  const galleries = createGalleries(log);
  const zoneOf = new Map(config.beacons.map((beacon) => [beacon.hardware_id, beacon.zone]));
  /** Every beacon, or those of a zone whose gallery is empty, asks again who is here. */
  const askAnew = (zone?: string) => {
    for (const [hardware_id, its] of zoneOf) {
      if (its !== (zone ?? its)) continue;
      accountData.forget(hardware_id);
      engine.post(`beacon/${hardware_id}`, { type: "issuer.check_in_announced" }).catch(
        (error: Error) =>
          log("warn", "a beacon was not told to ask again", { reason: error.message }),
      );
    }
  };
  const devices = createDeviceIntake({ world, engine, config, galleries, galleryLost: askAnew });
  const accountData = createAccountDataFetcher({
    engine,
    issuer,
    clock: world.clock,
    galleries,
    log,
    model: world.perception,
    zoneOf: (hardware_id) => zoneOf.get(hardware_id),
    nonces: createNonceSource({
      ...world,
      keys: identity,
      ways: world.devices.nonce_ways ?? new Map(),
    }),
  });
  return { devices, accountData, galleries, askAnew };
}

/** What lanes ask of whoever stands at them. */
function promptsOf(world: World, config: Config, engine: Engine, rooms: {
  readonly issuer: Pick<Issuer, "askVoices">;
  readonly devices: Pick<DeviceIntake, "challenge">;
}): PromptDesk {
  const { devices, perception, random, clock, log } = world;
  return createPromptDesk({
    engine,
    config,
    clock,
    devices,
    perception,
    random,
    log,
    challenge: rooms.devices.challenge,
    askVoices: (visits) => rooms.issuer.askVoices(visits),
  });
}

function engineOf(world: World, { config, scheduling }: GatewayOptions): Engine {
  const { clock, random, journal, log } = world;
  return createEngine({
    kinds: actorKinds,
    journal,
    clock,
    random,
    log,
    gateway: config.gateway.id,
    history_ms: config.limits.history_days * day_ms,
    ...(world.soon ? { defer: world.soon } : {}),
    ...scheduling,
  });
}

/** What a face that is to prove a change has to show besides, by the store's policy. */
function turnsOfChange({ policies }: Config, ask: ProbeTurns["ask"]): ProbeTurns | undefined {
  return policies.turns === "never" ? undefined : { always: policies.turns === "always", ask };
}

function counterOf({ clock, vault }: World, config: Config, engine: Engine) {
  return createCounter({
    engine,
    clock,
    vault,
    currency: config.store.currency,
    perPayment_minor: config.limits.per_payment_minor,
    jurisdiction: config.store.jurisdiction,
    restrictions: config.policies.restrictions,
  });
}

/** The newest payments, ended ones too. */
function newestOf(journal: World["journal"], engine: Engine) {
  return (limit: number) =>
    journal.addresses("payment", limit).flatMap((address) => engine.view(address as Address) ?? []);
}

/** What is held against the issuer's ledger, page by page. */
function booksOf(
  issuer: Pick<Issuer, "ledger">,
  journal: World["journal"],
  { engine, clock, config }: Pick<World, "clock"> & { engine: Engine; config: Config },
): BooksOptions {
  const pages = (kind: string) =>
    function* (most: number) {
      const addresses = journal.addresses(kind, most) as Address[];
      for (let from = 0; from < addresses.length; from += page_actors) {
        const page = addresses.slice(from, from + page_actors);
        yield page.flatMap((address) => engine.view(address) ?? []);
      }
    };
  return {
    clock,
    timeOf: (clock_ms) => engine.timeOf(clock_ms),
    kept_ms: config.limits.history_days * day_ms,
    payments: pages("payment"),
    payment: (payment) => engine.view(`payment/${payment}`),
    refunds: pages("refund"),
    ledger: () => issuer.ledger(),
  };
}

export function gateway(world: World, options: GatewayOptions): Gateway {
  const { config, identity, posKey } = options;
  const { clock, random, vault, journal, log } = world;
  const engine = engineOf(world, options);
  const { issuer, outbox, feed, letters } = linkRooms(world, options, engine, () => askAnew());
  const rooms = deviceRooms(world, options, engine, issuer);
  const { devices, accountData, galleries, askAnew } = rooms;
  const aisle = aisleRooms(world, config, engine, issuer);
  const counter = counterOf(world, config, engine);
  const key = posKey === undefined ? {} : { posKey };
  const lag = options.lag === undefined ? {} : { lag: options.lag };
  const payments = newestOf(journal, engine);
  const operators = new Operators({ records: options.operators, vault, clock, random });
  const prompts = promptsOf(world, config, engine, { issuer, devices });
  const changes = createChanges({ engine, config, vault, clock });
  const doors = {
    engine,
    config,
    counter,
    changes,
    operators,
    payments,
    books: booksOf(issuer, journal, { engine, clock, config }),
    clock,
    vault,
    log,
    prompts,
    refusals: () => ({ template: galleries.refused }),
    ...(aisle === undefined ? {} : { aisle: aisle.port }),
    ...(options.content === undefined ? {} : { content: options.content }),
  };
  const app = gatewayApp({ ...doors, ...key, ...lag });

  return {
    engine,
    issuer,
    aisle: aisle?.port,
    app,
    payments,
    async start() {
      if (config.policies.shadow) {
        log("warn", "shadow mode: people are recognised, and nobody is charged");
      }
      devices.wire();
      accountData.wire();
      prompts.wire();
      wireChallenges({ engine, issuer, log });
      const probe = ({ lane, camera }: { readonly lane: string; readonly camera: string }) =>
        devices.probe(camera, turnsOfChange(config, () => prompts.prove(lane)));
      wireChanges({ engine, issuer, log, probe });
      aisle?.wire();
      if (options.content !== undefined) {
        const { library } = options.content;
        wireChoosing({ engine, clock, log, library });
        wireShowing({ engine, issuer, log, view: (shown) => viewOf(library, shown) });
      }
      const disk_may_be_old = mayBeOld(journal.head, clock.now_ms(), identity.made_at_ms);
      const told = [
        resumeSales(engine, journal),
        configure(engine, config, disk_may_be_old),
        aisle?.configure(),
      ];
      engine.start();
      await Promise.all(told);
      await devices.start();
      aisle?.start();
      outbox.start();
      feed.start();
      await letters.start();
    },
    async stop() {
      await letters.stop();
      await feed.stop();
      await outbox.stop();
      prompts.stop();
      await aisle?.stop();
      await devices.stop();
      await engine.stop();
      await world.perception.close();
      await world.devices.close();
      options.content?.close();
      journal.close();
    },
  };
}
