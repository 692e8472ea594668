/**
 * What every request and answer goes through: a bounded body in, a signed answer out, whatever
 * happened between the two.
 */
import type { Context, MiddlewareHandler } from "hono";
import {
  issuerKeyid,
  readBody,
  type RequestParts,
  signatureLabel,
  signResponse,
} from "../../../runtime/sync/contract/signatures.ts";
import { utf8 } from "../../../runtime/vault/bytes.ts";
import { issuerLimits as limits } from "../limits.ts";
import type { House } from "../world.ts";
import { problemAnswer, problemOf } from "./problem.ts";

/** What a handler finds beside hono's own context. */
export interface Variables {
  /** What whoever listens knows of the request, where somebody does. */
  Bindings: { readonly from?: string | undefined };
  Variables: {
    parts: RequestParts;
    /** JSON, which is answered in place of what the handler returns. */
    told?: string;
  };
}

export interface Envelope {
  readonly middleware: MiddlewareHandler<Variables>;
  /** From now on requests are told that the issuer is stopping; resolves when none is under way. */
  close(): Promise<void>;
}

/** All at once where HTTP tells beforehand how much it is; undefined when that is too much. */
async function readWhole(raw: Request): Promise<Uint8Array | undefined> {
  const told = raw.headers.get("content-length");
  if (told === null) return await readBody(raw.body, limits.request_bytes);
  if (Number(told) > limits.request_bytes) return undefined;
  const body = await raw.bytes();
  return body.length > limits.request_bytes ? undefined : body;
}

export function createEnvelope(house: House): Envelope {
  let underway = 0;
  let closed = false;
  let idle = () => {};

  /** The whole body, or what is wrong with it; undefined when it is too long. One that drips in
   * keeps nobody else's place for ever. */
  async function bodyOf(raw: Request): Promise<Uint8Array | string | undefined> {
    if (!raw.body) return new Uint8Array(0);
    const read = readWhole(raw).catch(() => "The body broke off");
    let cancel = () => {};
    const late = new Promise<string>((resolve) => {
      const tell = () => resolve("The body did not come in time");
      cancel = house.clock.after(limits.body_ms, tell);
    });
    return await Promise.race([read, late]).finally(cancel);
  }

  async function answerOf(context: Context<Variables>, next: () => Promise<void>) {
    const { raw } = context.req;
    const { method, url, headers } = raw;
    const parts = { method, url, headers, body: new Uint8Array(0) };
    const body = await bodyOf(raw);
    if (typeof body === "string") return { parts, answer: problemAnswer("request_invalid", body) };
    if (body === undefined) return { parts, answer: problemAnswer("body_too_large") };
    const whole = { ...parts, body };
    context.set("parts", whole);
    await next();
    const told = context.get("told");
    return { parts: whole, answer: told === undefined ? context.res : told };
  }

  async function signed(parts: RequestParts, answer: Response | string): Promise<Response> {
    const plain = typeof answer === "string";
    const status = plain ? 200 : answer.status;
    const headers = new Headers(plain ? { "content-type": "application/json" } : answer.headers);
    headers.set("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
    const isStream = headers.get("content-type")?.startsWith("text/event-stream");
    const stream = isStream && !plain ? answer.body : null;
    const body = stream ? "stream" : plain ? utf8(answer) : await answer.bytes();
    const signer = { keyid: issuerKeyid, privateKey: house.signing.privateKey };
    const created_s = Math.floor(house.clock.now_ms() / 1000);
    const label = signatureLabel(parts.headers);
    signResponse(house.vault, signer, created_s, { status, headers, body }, parts, label);
    return new Response(body === "stream" ? stream : body, { status, headers });
  }

  return {
    async middleware(context, next) {
      if (closed || underway >= limits.requests_in_flight) {
        const { raw } = context.req;
        const parts = { ...raw, method: raw.method, url: raw.url, headers: raw.headers };
        return signed(
          { ...parts, body: new Uint8Array(0) },
          problemAnswer(closed ? "stopping" : "overloaded"),
        );
      }
      underway += 1;
      try {
        const { parts, answer } = await answerOf(context, next);
        await house.store.kept();
        context.res = undefined;
        context.res = await signed(parts, answer);
      } catch (error) {
        return problemOf(error, house.log);
      } finally {
        underway -= 1;
        if (underway === 0) idle();
      }
    },
    close() {
      closed = true;
      return underway === 0 ? Promise.resolve() : new Promise((resolve) => void (idle = resolve));
    },
  };
}
