/**
 * The reference issuer, whole: typed calls over a world, and HTTP over the calls. The same code
 * runs as a process, in tests and in simulations; whoever makes the world decides which.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { type Acquirer, answeredInTime, askedAfterKept } from "./acquirer.ts";
import { Authority } from "./authority.ts";
import { issuerCalls } from "./calls.ts";
import { type Core, issuerApp } from "./http/app.ts";
import { createEnvelope, type Variables } from "./http/envelope.ts";
import { assertIssuerLimits, issuerLimits as limits } from "./limits.ts";
import { openKeys } from "./rooms/keys.ts";
import { connector } from "./connector.ts";
import { openRooms } from "./rooms/rooms.ts";
import { defaultSettings, type House, type IssuerWorld } from "./world.ts";

export interface Issuer {
  /** What it answers, typed: the wires are thin layers over it. */
  readonly core: Core;
  /** Answers HTTP: `app.fetch(request)`, or `app.request(...)` in tests. Made when it is asked for:
   * a simulation that leaves HTTP out does without. */
  readonly app: OpenAPIHono<Variables>;
  /** Begins what happens by itself: codes turn, leases end, what is old goes. */
  start(): void;
  /** Ends feeds, refuses what comes, and resolves when nothing is under way, for which no silent
   * acquirer is waited for. The store is still open: it is its maker's to close. */
  stop(): Promise<void>;
}

/** Waited for so long, and not longer than this issuer is there. */
function acquirerOf({ acquirer, clock, store }: IssuerWorld, leaving: AbortSignal): Acquirer {
  const waited = answeredInTime(acquirer, clock, limits.acquirer_ms, leaving);
  return askedAfterKept(waited, store);
}

/** Sweeps between two prunings of what is old. */
const sweeps_per_pruning = 60;

export function issuer(world: IssuerWorld): Issuer {
  assertIssuerLimits();
  const { settings, ...ports } = world;
  const leaving = new AbortController();
  const house: House = {
    ...ports,
    acquirer: acquirerOf(world, leaving.signal),
    settings: { ...defaultSettings, ...settings },
    ...openKeys(world),
  };
  const rooms = openRooms(house);
  rooms.merchants.onRevoked = (gateway) => rooms.feed.end(gateway);
  const envelope = createEnvelope(house);
  const core = {
    authority: new Authority(house, rooms.accounts, rooms.merchants),
    calls: issuerCalls(house, rooms),
    feed: rooms.feed,
    connector: connector(house, rooms),
  };
  let app: OpenAPIHono<Variables> | undefined;
  let cancel: (() => void) | undefined;
  let stopped = false;
  const settling = new Set<Promise<void>>();
  let sweeps = 0;
  const { beacons, checkIns, feed, idempotency, tallies, trips, ages } = rooms;
  const forgetful = [beacons, checkIns, feed, idempotency, tallies, trips, ages];
  /** Those with more to forget than one sweep takes: they go on with the next. */
  const unfinished = new Set<typeof forgetful[number]>();

  /** Each part for itself, so that trouble in one does not hold up the others. */
  function sweep(): void {
    const parts = [
      () => rooms.beacons.rotate(),
      () => rooms.checkIns.sweep(),
      () => rooms.payments.sweep(),
      () => rooms.approvals.sweep(),
      () => rooms.changes.sweep(),
      () => rooms.charges.sweep(),
      () => rooms.allowances.sweep(),
      ...(sweeps % sweeps_per_pruning === 0 ? forgetful : [...unfinished]).map((room) => () =>
        void (room.prune() ? unfinished.add(room) : unfinished.delete(room))
      ),
    ];
    sweeps += 1;
    for (const part of parts) {
      try {
        part();
      } catch (error) {
        house.log("error", "a sweep failed", { reason: String(error) });
      }
    }
    settle();
    if (!stopped) cancel = house.clock.after(limits.sweep_ms, sweep);
  }

  /** What the acquirer must still be asked, each part for itself. An answer that is long in coming
   * holds up neither the sweep nor what is asked beside it. */
  function settle(): void {
    const parts = [
      () => rooms.payments.settle(),
      () => rooms.refunds.settle(),
      () => rooms.charges.charging.settleAll(),
      () => rooms.disputes.settle(),
    ];
    for (const part of parts) {
      const work = part().catch((error: unknown) => {
        house.log("error", "what is unsettled could not be read", { reason: String(error) });
      }).finally(() => void settling.delete(work));
      settling.add(work);
    }
  }

  return {
    core,
    get app() {
      return app ??= issuerApp(house, core, envelope);
    },
    start() {
      rooms.erasure.destroyLeftKeys();
      rooms.wakeUps.announceAll();
      sweep();
    },
    async stop() {
      stopped = true;
      cancel?.();
      rooms.feed.stop();
      rooms.wakeUps.stop();
      const cancelLeaving = house.clock.after(limits.stop_ms, () => leaving.abort());
      await Promise.all([envelope.close(), ...settling]).finally(cancelLeaving);
    },
  };
}
