/**
 * Asks the issuer who is here, when a beacon can prove that it may know, and puts what comes back
 * where it belongs: templates on the zone's cameras, the rest to the visits.
 */
import type { VolatileCommand } from "../../actors/messages.ts";
import type { Engine } from "../engine/engine.ts";
import { invariant, isStopped } from "../errors.ts";
import type { Log, Template } from "../world.ts";
import type { AccountData } from "./contract/schemas.ts";
import type { Issuer } from "./issuer.ts";

type Fetch = Extract<VolatileCommand, { type: "issuer.fetch_account_data" }>;

export interface AccountDataOptions {
  readonly engine: Engine;
  readonly issuer: Issuer;
  readonly log: Log;
  readonly galleries: {
    admit(visit: string, zone: string, template: Template): Promise<boolean>;
    complete(visit: string, zone: string): boolean;
    wipe(visit: string): Promise<void>;
  };
  /** The embedder whose templates the cameras can compare. */
  readonly model: { readonly model: string; readonly preset: string; readonly dim: number };
  readonly zoneOf: (hardware_id: string) => string | undefined;
}

export interface AccountDataFetcher {
  wire(): void;
}

export function createAccountDataFetcher(options: AccountDataOptions): AccountDataFetcher {
  const { engine, issuer, log, galleries } = options;
  /** What each visit of a beacon's last answer was told: the issuer names everybody who is here
   * whenever one of them comes or renews, and the same again would fill their histories. */
  const lastTold = new Map<string, Map<string, string>>();

  async function fetchFor(command: Fetch): Promise<void> {
    const beacon = `beacon/${command.hardware_id}` as const;
    const zone = options.zoneOf(command.hardware_id);
    invariant(zone, `beacon ${command.hardware_id} asks and is not configured`);
    const { type: _, ...proof } = command;
    let data: AccountData;
    try {
      data = await issuer.askAccountData(proof);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await engine.post(beacon, { type: "issuer.account_data_refused", reason });
      return;
    }
    const before = lastTold.get(command.hardware_id);
    const told = new Map<string, string>();
    lastTold.set(command.hardware_id, told);
    await Promise.all(data.visits.map(async (visit) => {
      const news = await open(visit, zone, before?.get(visit.check_in));
      if (news !== undefined) told.set(visit.check_in, news);
    }));
    await engine.post(beacon, {
      type: "issuer.account_data_answered",
      visits: data.visits.length,
    });
  }

  /** Tells the visit, unless it is what it was told before. Resolves to what it knows now;
   * undefined when it is over. */
  async function open(
    visit: AccountData["visits"][number],
    zone: string,
    before: string | undefined,
  ): Promise<string | undefined> {
    const { check_in, account, first_name, initials, tokens, lease_expires_ms } = visit;
    const enrol_again = isOfAnotherModel(visit);
    const template = !enrol_again && await admitted(visit, zone);
    const facts = {
      account,
      first_name,
      initials,
      zone,
      tokens,
      template,
      ...(enrol_again ? { enrol_again } : {}),
      lease_expires_ms,
    };
    const news = JSON.stringify(facts);
    const address = `visit/${check_in}` as const;
    const there = engine.view(address)?.done === false;
    if (there && news === before) return news;
    const posted = await engine.post(address, { type: "issuer.visit_opened", ...facts });
    if (posted.accepted) return news;
    // The visit ended here while the issuer still answered for it: its template must not stay.
    await galleries.wipe(check_in);
    return undefined;
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
  async function admitted(visit: AccountData["visits"][number], zone: string): Promise<boolean> {
    if (!visit.template) return false;
    if (galleries.complete(visit.check_in, zone)) return true;
    const template = issuer.openTemplate(visit);
    if (!template) {
      log("error", "a template was not sealed to this gateway", { visit: visit.check_in });
      return false;
    }
    return await galleries.admit(visit.check_in, zone, template);
  }

  return {
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
