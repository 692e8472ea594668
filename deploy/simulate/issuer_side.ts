/**
 * The reference issuer as a process of the simulation: the very same code on a store in memory,
 * which crashes before or after a transaction and comes back on the same data.
 */
import { memoryAccountKeys } from "../issuer/store/account_keys.ts";
import type { Chance } from "../../hardware/simulated/chance.ts";
import { Process } from "../../runtime/sim/process.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import type { Log, Random, Vault } from "../../runtime/world.ts";
import { type Issuer, issuer } from "../issuer/issuer.ts";
import { memoryIssuerStore } from "../issuer/store/memory.ts";
import type { IssuerStore } from "../issuer/store/store.ts";
import { type RouteName, routes } from "../../runtime/sync/contract/routes.ts";
import type { CheckedIn } from "../../runtime/sync/contract/schemas.ts";
import type { SimulatedAcquirer } from "./acquirer.ts";
import { townAgeProofs } from "./documents.ts";
import { answer, type Letter, pathOf, signatureOf } from "./letter.ts";
import type { Plan } from "./plan.ts";
import type { Fact } from "./facts.ts";
import { watchedFile } from "./file_watch.ts";
import type { Witness } from "./witness.ts";

export interface IssuerSideSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly random: Random;
  readonly vault: Vault;
  readonly acquirer: SimulatedAcquirer;
  readonly plan: () => Plan;
  readonly witness: Witness;
  readonly log: Log;
  readonly adminKey: string;
  /** Somebody is asked something: a message goes to the account's phone. */
  readonly push: (account: string, about: "approval" | "age") => void;
}

/** Throws where a process would have ended. */
class Crash extends Error {
  override readonly name = "Crash";
}

/** Requests whose answers under one key are compared. */
const money: ReadonlySet<string> = new Set([
  "authorise",
  "conduct",
  "capture",
  "refund",
  "reverse",
]);
const down_ms = [500, 20_000] as const;

export class IssuerSide {
  readonly store = memoryIssuerStore();
  readonly #accountKeys = memoryAccountKeys();
  readonly #setting: IssuerSideSetting;
  #running: { readonly process: Process; readonly issuer: Issuer } | undefined;
  crashes = 0;
  #shut = false;

  constructor(setting: IssuerSideSetting) {
    this.#setting = setting;
  }

  start(): void {
    if (this.#running || this.#shut) return;
    const { scheduler, random, vault, acquirer, log, adminKey } = this.#setting;
    const process = new Process(scheduler);
    const clock = process.clockWith(() => 0);
    const world = { clock, random, vault, acquirer: acquirer.reachedBy(clock), log };
    const accountKeys = this.#accountKeys;
    const settings = { adminKey, account_limit_minor: 40_000 };
    try {
      const ageProofs = townAgeProofs(clock);
      const store = this.#storeOf(process);
      const made = issuer({ ...world, store, accountKeys, ageProofs, settings });
      made.start();
      if (process.alive) this.#running = { process, issuer: made };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }

  /** Answers a request that has come along a road. */
  serve = async (request: Request): Promise<Response> => {
    const running = this.#running;
    if (!running) throw new TypeError("connection refused");
    const look = await this.#lookOf(request);
    const answer = await running.process.hold(Promise.resolve(running.issuer.app.fetch(request)));
    const signature = request.headers.get("signature");
    const { pathname } = new URL(request.url);
    if (answer.ok && signature !== null) this.#setting.witness.done(signature, pathname);
    await look?.(answer);
    return answer;
  };

  /** Answers a letter that has come along a road. */
  deliver = async (letter: Letter): Promise<unknown> => {
    const running = this.#running;
    if (!running) throw new TypeError("connection refused");
    const { core } = running.issuer;
    this.#asked(letter.name, letter.ask.path, letter.ask.body, letter.signature?.keyid ?? "");
    const answered = await running.process.hold(answer(this.#setting, core, letter));
    const signature = signatureOf(letter);
    const { witness } = this.#setting;
    if (signature !== undefined) witness.done(signature, pathOf(letter.name));
    const { path, body, key } = letter.ask;
    if (key !== undefined && money.has(letter.name)) {
      witness.answered(pathOf(letter.name), key, JSON.stringify(answered));
    }
    this.#answered(letter.name, answered);
    if (letter.name === "leave") witness.checkedOut(path?.["check_in"] ?? "");
    if (letter.name === "checkIn" || letter.name === "renew") {
      const { hardware_id, code } = body as { hardware_id: string; code: string };
      const { check_in, lease_expires_ms } = answered as CheckedIn;
      witness.checkedIn(check_in, lease_expires_ms, hardware_id, code);
    }
    return answered;
  };

  /** It comes back by itself. */
  #crash(process: Process): void {
    this.crashes++;
    this.#running = undefined;
    process.kill();
    const { scheduler, chance } = this.#setting;
    scheduler.after(chance.between(...down_ms), () => this.start());
  }

  /** Its machine is without power until it is switched on again. */
  switchOff(): void {
    this.#shut = true;
    this.#running?.process.kill();
    this.#running = undefined;
  }

  switchOn(): void {
    this.#shut = false;
    this.start();
  }

  close(): void {
    this.switchOff();
    this.store.close();
  }

  /** A question is in the file: the phone hears of it, if its issuer lives. */
  #notice = (fact: Fact): void => {
    this.#setting.witness.noticed(fact);
    if (fact.fact === "question") this.#setting.push(fact.account, "approval");
    if (fact.fact === "age_asked") this.#setting.push(fact.account, "age");
  };

  /** The data as one process reaches them: a dead one does not. */
  #storeOf(process: Process): IssuerStore {
    const { store } = this;
    const reach = () => {
      if (!process.alive) throw new Crash("the issuer's process is dead");
    };
    const strike = (written: boolean) => {
      const { chance, plan, witness } = this.#setting;
      if (!chance.happens(plan().issuer_crashes)) return;
      this.#crash(process);
      const live = written ? store.tables.check_in.all("by_lease", []) : [];
      for (const { check_in, lease_expires_ms } of live) {
        witness.leaseKept(check_in, lease_expires_ms);
      }
      throw new Crash("the issuer's process was killed");
    };
    let within = false;
    return {
      scrub: () => store.scrub(),
      kept: () => store.kept(),
      transaction: (change) => {
        reach();
        if (within) return change();
        strike(false);
        within = true;
        let result;
        try {
          result = store.transaction(change);
        } finally {
          within = false;
        }
        // It is on the disk, and the process dies before it can tell.
        strike(true);
        return result;
      },
      afterCommit: (call) =>
        store.afterCommit(() => {
          if (process.alive) call();
        }),
      // Whoever writes does so in a transaction; what a dead process reads it tells nobody.
      tables: watchedFile(store.tables, this.#notice),
      close: () => Promise.resolve(),
    };
  }

  /** What is asked frees something from this moment on, whether or not it is answered. */
  #asked(
    name: RouteName,
    path: Readonly<Record<string, string>> | undefined,
    body: unknown,
    keyid: string,
  ): void {
    const { witness } = this.#setting;
    const account = accountOf(keyid);
    if (name === "answerApproval") {
      const { answer, amount_minor = "all" } = body as { answer: string; amount_minor?: number };
      witness.noticed({
        fact: "phone_says",
        approval: path?.["approval"] ?? "",
        device: keyid,
        amount_minor: answer === "no" ? 0 : amount_minor,
      });
    }
    if (name === "undoChange") {
      witness.noticed({ fact: "undoes", account, change: path?.["change"] ?? "" });
    }
    if (name === "proveAge") witness.noticed({ fact: "shows_age", account, ...shownIn(body) });
    if (name === "setLimits") witness.noticed({ fact: "sets_limits", account });
    if (name === "forward") witness.brought((body as { allowance: string }).allowance);
    if (name === "release") witness.released((body as { allowances: string[] }).allowances);
  }

  #answered(name: RouteName, answered: unknown): void {
    if (name !== "askAccountData") return;
    const { visits } = answered as { visits: { allowances?: string[] }[] };
    this.#setting.witness.reserved(visits.flatMap(({ allowances = [] }) => allowances));
  }

  /** What the witness is to hear of this exchange, once it is answered. */
  async #lookOf(
    request: Request,
  ): Promise<((answer: Response) => Promise<void>) | undefined> {
    const { witness } = this.#setting;
    const { pathname } = new URL(request.url);
    const { name, path } = looked(request.method, pathname);
    if (name !== undefined) {
      const keyid = /keyid="([^"]+)"/.exec(request.headers.get("signature-input") ?? "")?.[1];
      this.#asked(name, path, await request.clone().json(), keyid ?? "");
      return async (answer) => {
        if (answer.ok) this.#answered(name, await answer.clone().json());
      };
    }
    if (!pathname.startsWith("/v1/check-ins")) return undefined;
    if (request.method === "DELETE") {
      const check_in = decodeURIComponent(pathname.slice("/v1/check-ins/".length));
      return (answer) => Promise.resolve(answer.ok ? witness.checkedOut(check_in) : undefined);
    }
    if (pathname.endsWith("/tokens")) return undefined;
    const asked = request.clone().json() as Promise<{ hardware_id: string; code: string }>;
    asked.catch(() => {});
    return async (answer) => {
      if (!answer.ok) return;
      const { hardware_id, code } = await asked;
      const { check_in, lease_expires_ms } = await answer.clone().json();
      witness.checkedIn(check_in, lease_expires_ms, hardware_id, code);
    };
  }
}

/** What is looked at on its way over HTTP. */
const watchedRoutes = [
  "forward",
  "release",
  "askAccountData",
  "answerApproval",
  "undoChange",
  "setLimits",
  "proveAge",
] as const;
const patterns = watchedRoutes.map((name) => ({
  name,
  method: routes[name].method as string,
  pattern: new URLPattern({ pathname: routes[name].path.replaceAll(/\{(\w+)\}/g, ":$1") }),
}));

function looked(method: string, pathname: string) {
  for (const { name, method: own, pattern } of patterns) {
    const found = own === method ? pattern.exec({ pathname }) : null;
    if (found) return { name, path: found.pathname.groups as Readonly<Record<string, string>> };
  }
  return { name: undefined, path: undefined };
}

/** What a wallet shows, in the body of its request. */
function shownIn(body: unknown) {
  const { nonce, wallet_nonce, response } = body as Record<
    "nonce" | "wallet_nonce" | "response",
    string
  >;
  return { nonce, wallet_nonce, response: fromBase64url(response) ?? new Uint8Array() };
}

/** `device:ACCOUNT`, or `device:ACCOUNT~WATCH`. */
function accountOf(keyid: string): string {
  return keyid.replace(/^device:/, "").split("~")[0] ?? "";
}
