/**
 * Asks the issuer who is here, when a beacon can prove that it may know, and puts what comes back
 * where it belongs: templates on the zone's cameras, the rest to the visits.
 */
import type { Address, Allowance, VolatileCommand } from "../../actors/messages.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { invariant, isStopped } from "../errors.ts";
import type { Clock, Log, Template } from "../world.ts";
import { IssuerRefusal } from "./contract/port.ts";
import type { AccountData } from "./contract/schemas.ts";
import type { Issuer } from "./issuer.ts";
import type { NonceSource } from "./nonces.ts";

type Fetch = Extract<VolatileCommand, { type: "issuer.fetch_account_data" }>;

export interface AccountDataOptions {
  readonly engine: Engine;
  readonly issuer: Issuer;
  readonly clock: Clock;
  readonly log: Log;
  readonly galleries: {
    admit(visit: string, zone: string, template: Template): Promise<boolean>;
    complete(visit: string, zone: string): boolean;
    wipe(visit: string): Promise<void>;
    reopen(visit: string): boolean;
  };
  /** The embedder whose templates the cameras can compare. */
  readonly model: { readonly model: string; readonly preset: string; readonly dim: number };
  readonly zoneOf: (hardware_id: string) => string | undefined;
  /** Reads nonces at beacons; those that it does not read are known from the issuer's feed. */
  readonly nonces: NonceSource;
}

export interface AccountDataFetcher {
  wire(): void;
  /** Templates of the beacon's zone were lost: its next answer must bring all of them. */
  forget(hardware_id: string): void;
}

/** What a visit was told last. The same again would fill its history. */
interface Told {
  readonly news: string;
  readonly template: boolean;
  readonly enrol_again: boolean;
  /** Their signatures hold, and they are for this visit. */
  readonly allowances: readonly Allowance[];
}

type Visit = AccountData["visits"][number];

/** What is known of a beacon. */
interface Known {
  /** The revision up to which everything was taken in; undefined when all must come again. */
  revision: number | undefined;
  answers: number;
  /** Until when the issuer takes the hardware identifier alone; a start begins without. */
  proved_until_ms: number;
  readonly told: Map<string, Told>;
}

/** A proof that ends while the question is under way is renewed at once. */
const proof_margin_ms = 1_000;
/** Half of what the issuer takes for a difference of clocks. */
const dated_ahead_ms = 60_000;
/** Every so many answers all is asked for: nothing that went wrong stays so. */
const whole_every = 256;

export function createAccountDataFetcher(options: AccountDataOptions): AccountDataFetcher {
  const { engine, issuer, log, galleries } = options;
  const beacons = new Map<string, Known>();

  async function fetchFor(command: Fetch): Promise<void> {
    const { type: _, ...proof } = command;
    const { hardware_id } = proof;
    const beacon = `beacon/${hardware_id}` as const;
    const zone = options.zoneOf(hardware_id);
    invariant(zone, `beacon ${hardware_id} asks and is not configured`);
    const before = beacons.get(hardware_id);
    const since = (before?.answers ?? 0) % whole_every === 0 ? undefined : before?.revision;
    let data: AccountData;
    try {
      data = await asked(proof, before, since);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await engine.post(beacon, { type: "issuer.account_data_refused", reason });
      return;
    }
    // One beacon asks once at a time: what it was told goes on in the same book.
    const earlier = before?.told ?? new Map<string, Told>();
    const told = since === undefined ? new Map<string, Told>() : earlier;
    const known: Known = {
      revision: data.revision,
      answers: (before?.answers ?? 0) + 1,
      proved_until_ms: options.clock.now_ms() + data.proved_for_ms,
      told,
    };
    // Nothing that was forgotten meanwhile is taken for known.
    if (beacons.get(hardware_id) !== before) known.revision = undefined;
    beacons.set(hardware_id, known);
    const { rotations, visits } = data;
    const taken = await Promise.allSettled(visits.map(async (visit) => {
      const { check_in } = visit;
      const news = await open(visit, { zone, rotations }, known, earlier.get(check_in));
      if (news !== undefined) told.set(check_in, news);
      else told.delete(check_in);
    }));
    const missed = taken.find((one) => one.status === "rejected");
    if (missed) return await missedSome(beacon, known, missed.reason);
    await engine.post(beacon, { type: "issuer.account_data_answered", visits: visits.length });
  }

  /** Somebody could not be told or taken in: the beacon asks again soon, and for all. */
  async function missedSome(beacon: Address, known: Known, error: unknown): Promise<void> {
    if (isStopped(error)) throw error;
    known.revision = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    log("warn", "account data could not be taken in", { reason });
    await engine.post(beacon, { type: "issuer.account_data_refused", reason });
  }

  /** The hardware identifier alone while an earlier proof holds; code and nonce otherwise, and when
   * the issuer wants them after all. */
  async function asked(
    { hardware_id, code, nonce }: Omit<Fetch, "type">,
    before: Known | undefined,
    since: number | undefined,
  ): Promise<AccountData> {
    const place = since === undefined ? { hardware_id } : { hardware_id, since };
    const proved = (before?.proved_until_ms ?? 0) > options.clock.now_ms() + proof_margin_ms;
    try {
      if (proved) return await issuer.askAccountData(place);
    } catch (error) {
      if (!(error instanceof IssuerRefusal) || error.problem !== "proof_needed") throw error;
    }
    const { nonces } = options;
    const read = nonces.reads(hardware_id) ? await nonces.read(hardware_id) : nonce;
    return await issuer.askAccountData({ ...place, code, nonce: read });
  }

  /** Tells the visit, unless it is what it was told before. Resolves to what it knows now;
   * undefined when it is over. */
  async function open(
    visit: Visit,
    { zone, rotations }: { zone: string; rotations: AccountData["rotations"] },
    known: Known,
    earlier: Told | undefined,
  ): Promise<Told | undefined> {
    const { check_in, account, first_name, initials, tokens, lease_expires_ms, offers } = visit;
    const address = `visit/${check_in}` as const;
    const before = returned(visit) ? undefined : earlier;
    const left_out = visit.template === undefined;
    const enrol_again = left_out ? before?.enrol_again ?? false : isOfAnotherModel(visit);
    const template = left_out
      ? before?.template ?? false
      : !enrol_again && await admitted(visit, zone, rotations);
    const ought = left_out ? before === undefined : visit.template !== null && !enrol_again;
    // What ought to be on a camera and is on none comes with the next answer. One that starts
    // later has everything asked for anew.
    const lack = () => {
      if (ought && !template) known.revision = undefined;
    };
    const facts = {
      account,
      first_name,
      initials,
      zone,
      tokens,
      template,
      ...(enrol_again ? { enrol_again } : {}),
      ...(offers ? { offers } : {}),
      lease_expires_ms,
      allowances: isAhead() ? [] : issuer.readAllowances(visit, earlier?.allowances ?? []),
    };
    const { allowances } = facts;
    const told = { news: JSON.stringify(facts), template, enrol_again, allowances };
    const there = engine.view(address)?.done === false;
    if (there && told.news === before?.news) {
      lack();
      return told;
    }
    const posted = await engine.post(address, opened(facts));
    if (posted.accepted) {
      lack();
      // It was away for the moment between the cameras and this.
      if (galleries.reopen(check_in)) known.revision = undefined;
      return told;
    }
    // The visit ended here while the issuer still answered for it: its template must not stay, and
    // is not missed.
    await galleries.wipe(check_in);
    return undefined;
  }

  /** What is sold against an allowance is dated by the actors, whose time is ahead of a clock that
   * was set back: too far ahead, and the issuer would not have it afterwards. */
  function isAhead(): boolean {
    const now_ms = options.clock.now_ms();
    return engine.timeOf(now_ms) > now_ms + dated_ahead_ms;
  }

  /** The lease ends by the clock. */
  function opened(facts: { readonly lease_expires_ms: number }): EventLike {
    const lease_expires_ms = engine.timeOf(facts.lease_expires_ms);
    return { type: "issuer.visit_opened", ...facts, lease_expires_ms };
  }

  /** True for who was away and is back: nothing was kept, and the cameras may take it again. */
  function returned({ check_in, lease_expires_ms }: AccountData["visits"][number]): boolean {
    const { state } = engine.view(`visit/${check_in}`) ?? {};
    if (state !== "away" || lease_expires_ms <= options.clock.now_ms()) return false;
    galleries.reopen(check_in);
    return true;
  }

  /** True for a template that no camera here can compare: the visit says so, and the shopper's
   * next enrolment ends it. */
  function isOfAnotherModel(visit: AccountData["visits"][number]): boolean {
    if (!visit.template) return false;
    const { model, preset, dim } = visit.template;
    const ours = options.model;
    if (model === ours.model && preset === ours.preset && dim === ours.dim) return false;
    log("warn", "a template was made by another model: the shopper must enrol again", {
      visit: visit.check_in,
      preset,
    });
    return true;
  }

  /** True when a camera of the zone holds the visit's template. */
  async function admitted(
    visit: Visit,
    zone: string,
    rotations: AccountData["rotations"],
  ): Promise<boolean> {
    if (!visit.template) return false;
    if (galleries.complete(visit.check_in, zone)) return true;
    const template = issuer.openTemplate(visit, rotations);
    if (!template) {
      log("error", "a template was not sealed to this gateway", { visit: visit.check_in });
      return false;
    }
    return await galleries.admit(visit.check_in, zone, template);
  }

  return {
    forget(hardware_id) {
      const told = beacons.get(hardware_id)?.told ?? new Map();
      beacons.set(hardware_id, { revision: undefined, answers: 0, proved_until_ms: 0, told });
    },
    wire() {
      engine.effect("issuer.fetch_account_data", (command) => {
        fetchFor(command).catch((error: unknown) => {
          if (isStopped(error)) return;
          log("warn", "account data could not be taken in", { reason: String(error) });
        });
      });
    },
  };
}
