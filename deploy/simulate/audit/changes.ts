/**
 * The auditor's book of account data: whose face proved which change, what waits and for how long,
 * and that nothing of an account is written for any other reason.
 */
import type { ChangeRow } from "../../issuer/store/rows.ts";
import type { Fact } from "../facts.ts";
import type { Report } from "./finding.ts";
import type { PeopleBook } from "./people.ts";
import type { TurnBook } from "./turns.ts";

const cooling_ms = 86_400_000;
/** The signature of a proof may be so old, and the face a little older. */
const proof_age_ms = 130_000;
const most_differ = 3;
const differ_ms = 86_400_000;
const over: ReadonlySet<string> = new Set(["refused", "withdrawn", "undone"]);

export class ChangeBook {
  readonly #rows = new Map<string, ChangeRow>();
  /** By the gateway's name for it. */
  readonly #byAttempt = new Map<string, ChangeRow>();
  readonly #faces = new Map<string, { readonly face: Float32Array; readonly at_ms: number }[]>();
  readonly #undone = new Set<string>();
  /** When an account's owner set the limits. */
  readonly #limits = new Map<string, number>();
  readonly #differed = new Map<string, number[]>();
  #applied = 0;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    private readonly people: PeopleBook,
    private readonly cameraOf: (lane: string) => string,
    private readonly limitsOf: (
      account: string,
    ) => { readonly sale_minor: number; readonly day_minor: number },
    private readonly turns: Pick<TurnBook, "proved">,
  ) {}

  /** Changes that were proved so far. */
  get count(): number {
    return this.#applied;
  }

  saw({ camera, face }: Extract<Fact, { fact: "face" }>): void {
    const lately = (this.#faces.get(camera) ?? []).slice(-20);
    this.#faces.set(camera, [...lately, { face, at_ms: this.now_ms() }]);
  }

  undoes({ change }: Extract<Fact, { fact: "undoes" }>): void {
    this.#undone.add(change);
  }

  setsLimits({ account }: Extract<Fact, { fact: "sets_limits" }>): void {
    this.#limits.set(account, this.now_ms());
  }

  written({ row }: Extract<Fact, { fact: "change" }>): void {
    const { change, attempt, state, account } = row;
    const before = this.#rows.get(change);
    this.#rows.set(change, row);
    this.#byAttempt.set(attempt, row);
    if (!before || before.state === state) return;
    const wrong = (rule: string, detail: string) => this.report(rule, detail, attempt, account);
    if (over.has(before.state)) {
      wrong("a change that has ended stays so", `${before.state}, then ${state}`);
    }
    if (state === "waiting") this.#agreed(row);
    if (state === "applied") {
      if (before.state !== "waiting" || (row.effective_at_ms ?? Infinity) > this.now_ms()) {
        wrong("what could do harm waits", `${row.what} was applied at once`);
      }
    }
    if (state === "undone" && !this.#undone.has(change)) {
      wrong("only its owner undoes a change", change);
    }
    if (state === "refused" && row.reason === "face_differs") this.#differs(row);
  }

  #agreed({ attempt, account, lane, what, wanted, begun_at_ms, effective_at_ms }: ChangeRow): void {
    this.#applied++;
    const now_ms = this.now_ms();
    const own = this.people.of(account)?.face;
    const from_ms = Math.max(begun_at_ms, now_ms - proof_age_ms);
    const camera = this.cameraOf(lane);
    const seen = (this.#faces.get(camera) ?? [])
      .some(({ face, at_ms }) => face === own && at_ms >= from_ms);
    if (!seen) {
      this.report("account data changes by its owner's face", `${what} at lane ${lane}`, attempt);
    } else if (own) this.turns.proved(camera, own, begun_at_ms, attempt);
    if (what === "address" || what === "limit" && !this.#raises(account, wanted)) return;
    if ((effective_at_ms ?? 0) >= now_ms + cooling_ms) return;
    this.report("what could do harm waits", `${what} takes effect at once`, attempt, account);
  }

  #raises(account: string, wanted: string): boolean {
    const { sale_minor, day_minor } = JSON.parse(wanted);
    const now = this.limitsOf(account);
    return sale_minor > now.sale_minor || day_minor > now.day_minor;
  }

  #differs({ account, attempt }: ChangeRow): void {
    const now_ms = this.now_ms();
    const lately = (this.#differed.get(account) ?? []).filter((at_ms) =>
      at_ms > now_ms - differ_ms
    );
    lately.push(now_ms);
    this.#differed.set(account, lately);
    if (lately.length > most_differ) {
      this.report("faces that differ are counted", `${lately.length} in a day`, attempt, account);
    }
  }

  /** Something of an account is written: for a change whose time has come, or by its owner. */
  accountData(account: string, what: string): void {
    const now_ms = this.now_ms();
    if (what === "limit" && this.#limits.get(account) === now_ms) return;
    const rows = [...this.#rows.values()].filter((row) =>
      row.account === account && row.what === what
    );
    const due = rows.some(({ state, effective_at_ms }) =>
      state === "waiting" && effective_at_ms !== null && effective_at_ms <= now_ms
    );
    const back = rows.some(({ change, state }) => state === "applied" && this.#undone.has(change));
    if (!due && !back) {
      this.report("account data changes by its owner's face", `${what}: nothing asked`, account);
    }
  }

  told({ answer }: Extract<Fact, { fact: "told_change" }>): void {
    const { change, outcome } = answer;
    if (outcome === null) return;
    const state = this.#byAttempt.get(change)?.state ?? "none";
    const fits: Readonly<Record<typeof outcome, readonly string[]>> = {
      applied: ["waiting", "applied", "undone"],
      // Of what the issuer would not begin it keeps nothing.
      refused: ["refused", "none"],
      withdrawn: ["withdrawn", "undone", "none"],
    };
    if (fits[outcome].includes(state)) return;
    const detail = `told ${outcome}, the issuer has ${state}`;
    this.report("a lane is told what became of a change", detail, change);
  }

  /** A new day: what can still be undone or takes effect later is kept. */
  forget(): void {
    this.#faces.clear();
    this.#limits.clear();
    for (const [change, row] of this.#rows) {
      const done = over.has(row.state) || row.state === "open";
      if (done) this.#rows.delete(change);
    }
    this.#byAttempt.clear();
  }
}
