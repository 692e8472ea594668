/**
 * The auditor's book of the time without the issuer: what was reserved for whom, read off what the
 * issuer says and gateways ask, and what was sold against it. It has its own sums.
 */
import type { OutboxRow } from "../../../runtime/journal/journal.ts";
import type { Report } from "./finding.ts";

/** What the issuer signed, as it stands in the signed text. */
interface Reserved {
  readonly allowance: string;
  readonly account: string;
  readonly check_in: string;
  readonly amount_minor: number;
  expires_ms: number;
  free: boolean;
}

const day_ms = 86_400_000;

/** The payload of a JWS; whose it is was checked by whoever received it. */
function payloadOf(jws: string): Record<string, unknown> {
  const part = (jws.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(part));
}

export class OfflineBook {
  readonly #reserved = new Map<string, Reserved>();
  readonly #of = new Map<string, Reserved[]>();
  /** Signed texts that were looked at: the same is told again and again. */
  readonly #read = new Set<string>();
  /** The first payment that was accepted against each. */
  readonly #used = new Map<string, string>();
  /** The allowance of each payment that was accepted. */
  readonly #accepted = new Map<string, string>();
  /** The first payment that money was taken for by each. */
  readonly #charged = new Map<string, string>();
  #restored = false;

  constructor(
    private readonly report: Report,
    private readonly now_ms: () => number,
    private readonly limit_minor: number,
    /** How wrong the gateway's clock may be. */
    private readonly skew_ms: () => number,
    /** Whose allowances these are: nobody else may be named in one. */
    private readonly here: { readonly gateway: string; readonly store: string },
  ) {}

  /** Payments that were accepted so far. */
  get count(): number {
    return this.#accepted.size;
  }

  /** The issuer told a gateway of these. */
  told(allowances: readonly string[]): void {
    for (const jws of allowances) {
      if (this.#read.has(jws)) continue;
      this.#read.add(jws);
      const { jti, aud, store, account, check_in, amount_minor, exp } = payloadOf(jws);
      const allowance = String(jti);
      if (aud !== this.here.gateway || store !== this.here.store) {
        this.report("an allowance is for one place", `${aud} at ${store}`, String(account));
      }
      const expires_ms = Number(exp) * 1000;
      const known = this.#reserved.get(allowance);
      if (known) {
        const one = known.account === account && known.check_in === check_in &&
          known.amount_minor === amount_minor;
        if (!one) this.report("an allowance stays what it is", allowance, String(account));
        known.expires_ms = Math.max(known.expires_ms, expires_ms);
        continue;
      }
      const row: Reserved = {
        allowance,
        account: String(account),
        check_in: String(check_in),
        amount_minor: Number(amount_minor),
        expires_ms,
        free: false,
      };
      this.#reserved.set(allowance, row);
      const others = this.#of.get(row.account);
      if (others) others.push(row);
      else this.#of.set(row.account, [row]);
      this.#sum(row.account);
    }
  }

  #sum(account: string): void {
    let sum = 0;
    for (const row of this.#of.get(account) ?? []) {
      const lapsed = row.expires_ms + day_ms <= this.now_ms();
      if (!row.free && !lapsed) sum += row.amount_minor;
    }
    if (sum > this.limit_minor) {
      this.report("no more is reserved than the limit", `${account}: ${sum}`, account);
    }
  }

  /** A gateway asks the issuer to let go of these, or brings what was sold against one. */
  freed(allowances: readonly string[]): void {
    for (const name of allowances) {
      const row = this.#reserved.get(name);
      if (row) row.free = true;
    }
  }

  brought(jws: string): void {
    this.freed([String(payloadOf(jws)["jti"])]);
  }

  /** The gateway wrote down that it sold this against an allowance. */
  accepted({ command, at_ms }: OutboxRow): void {
    const payment = String(command["payment"]);
    const allowance = String(command["allowance"]);
    const row = this.#reserved.get(allowance);
    const wrong = (detail: string) => this.report("sold within what is reserved", detail, payment);
    if (!row) return wrong(`nobody has signed ${allowance}`);
    if (row.check_in !== command["visit"]) wrong(`${allowance} is for ${row.check_in}`);
    if (Number(command["amount_minor"]) > row.amount_minor) {
      wrong(`${command["amount_minor"]} of ${row.amount_minor}`);
    }
    if (at_ms > row.expires_ms + this.skew_ms()) wrong(`${allowance} was over`);
    const first = this.#used.get(allowance) ?? payment;
    this.#used.set(allowance, first);
    if (first !== payment && !this.#restored) {
      this.report("an allowance is used once", `${first} and ${payment}`, payment, first);
    }
    this.#accepted.set(payment, allowance);
  }

  /** The issuer had money taken for it. Whatever an old disk has forgotten, it has not. */
  charged(payment: string): void {
    const allowance = this.#accepted.get(payment);
    if (allowance === undefined) return;
    const first = this.#charged.get(allowance) ?? payment;
    this.#charged.set(allowance, first);
    if (first !== payment) {
      this.report("an allowance is charged once", `${first} and ${payment}`, payment, first);
    }
  }

  wasAccepted(payment: string): boolean {
    return this.#accepted.has(payment);
  }

  /** An old disk was put back: what it sold since it does not know. */
  restored(): void {
    this.#restored = true;
  }

  /** A new day: nothing that was accepted before is open any more. */
  forget(): void {
    this.#restored = false;
    this.#used.clear();
    this.#charged.clear();
    this.#read.clear();
    this.#of.clear();
    for (const [name, row] of this.#reserved) {
      if (row.free || row.expires_ms + day_ms <= this.now_ms()) this.#reserved.delete(name);
      else this.#of.set(row.account, [...this.#of.get(row.account) ?? [], row]);
    }
  }
}
