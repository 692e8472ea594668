/**
 * An associate of the demo's walk-out aisle, who looks at carts that the gateway is not sure of and
 * says what they hold, through the same door as any store's own people.
 */
import { z } from "zod";
import type { Clock } from "../../runtime/world.ts";
import { demoPin } from "./operators.ts";

export interface AssociateSetting {
  readonly gateway: string;
  readonly operator: string;
  readonly posKey?: string;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  /** What the shopper of this account really took; undefined where nobody saw it. */
  readonly saw: (account: string) => Readonly<Record<string, number>> | undefined;
  readonly print: (line: string) => void;
}

const looks_every_ms = 2_000;

const reviews = z.object({
  carts: z.array(z.object({
    trip: z.string(),
    state: z.string(),
    account: z.string(),
    lines: z.array(z.object({ gtin: z.string(), units: z.int() })),
  })),
});
const signedIn = z.object({ session: z.string() });

export class Associate {
  /** Carts decided so far. */
  decided = 0;
  readonly #setting: AssociateSetting;
  #cancel = () => {};
  #stopped = false;
  #session: string | undefined;

  constructor(setting: AssociateSetting) {
    this.#setting = setting;
  }

  start(): void {
    if (this.#stopped) return;
    this.#cancel = this.#setting.clock.after(looks_every_ms, () => {
      this.#look().catch((error: unknown) =>
        this.#setting.print(`the associate cannot look: ${String(error).split("\n", 1)[0]}`)
      ).then(() => this.start());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { carts } = reviews.parse(await this.#ask("GET", "/aisle/reviews"));
    for (const { trip, account, lines, state } of carts) {
      if (state !== "in_review" || this.#stopped) continue;
      const seen = this.#setting.saw(account);
      const said = seen === undefined
        ? lines.map(({ gtin, units }) => ({ gtin, units }))
        : Object.entries(seen).map(([gtin, units]) => ({ gtin, units }));
      await this.#ask("POST", `/aisle/carts/${trip}/decision`, { lines: said });
      this.decided++;
    }
  }

  async #ask(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#send(method, path, body, await this.#signIn());
    if (answer.ok) return await answer.json();
    await answer.body?.cancel();
    this.#session = undefined;
    throw new Error(`${path} was answered ${answer.status}`);
  }

  async #signIn(): Promise<string> {
    if (this.#session !== undefined) return this.#session;
    const { operator } = this.#setting;
    const answer = await this.#send("POST", "/operators/sessions", { operator, pin: demoPin });
    this.#session = signedIn.parse(await answer.json()).session;
    return this.#session;
  }

  #send(method: "GET" | "POST", path: string, body: unknown, session?: string): Promise<Response> {
    const { gateway, posKey, fetch } = this.#setting;
    const headers = new Headers({ "content-type": "application/json" });
    if (posKey !== undefined) headers.set("authorization", `Bearer ${posKey}`);
    if (session !== undefined) headers.set("x-operator-session", session);
    return fetch(
      new Request(`${gateway}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }
}
