/**
 * How gateways and phones ask the issuer: each request signed, each answer checked to be the
 * issuer's answer to it, each failure one of three that a caller can act on.
 */
import type { z } from "zod";
import { RuntimeError } from "../../errors.ts";
import { fromBase64url, fromUtf8, toBase64url, utf8 } from "../../vault/bytes.ts";
import type { Vault } from "../../vault/vault.ts";
import type { Clock, IssuerLink, Random } from "../../world.ts";
import { feedItems } from "./feed_items.ts";
import {
  type Answer,
  type Ask,
  givenUp,
  type IssuerPort,
  type Speak,
  type Speaker,
  troubleOf,
  unreachable,
} from "./port.ts";
import { problemKind } from "./problems.ts";
import { type RouteName, routes } from "./routes.ts";
import { problem as problemSchema } from "./schemas.ts";
import {
  issuerKeyid,
  label,
  readBody,
  repeatHeader,
  type RequestParts,
  signRequest,
  verifyResponse,
} from "./signatures.ts";

export interface IssuerClientOptions extends Speaker {
  readonly link: IssuerLink;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  /** How long an answer may take. Default 10 s. */
  readonly timeout_ms?: number;
}

/** The issuer over HTTP. */
export interface IssuerClient extends IssuerPort {
  /** The feed's bytes after this sequence, once its head was checked. The signal ends it. */
  feed(after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** A way over HTTP. */
export function speakHttp(options: Omit<IssuerClientOptions, keyof Speaker>): Speak {
  return (speaker) => createIssuerClient({ ...options, ...speaker });
}

/** 2 000 visits with tokens and templates of 512 numbers, and room to spare. */
const answer_bytes = 24 * 1024 * 1024;

export function createIssuerClient(options: IssuerClientOptions): IssuerClient {
  async function exchange<Name extends RouteName>(name: Name, ask: Ask<Name>) {
    const request = requestOf(options, name, ask);
    const deadline = deadlineOf(options, ask.signal);
    try {
      const response = await fetchAnswer(options.link, request, deadline.signal);
      return { request, response, deadline };
    } catch (error) {
      deadline.clear();
      throw ask.signal?.aborted ? givenUp() : error;
    }
  }

  async function feed(after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { request, response, deadline } = await exchange("feed", { query: { after }, signal });
    deadline.inTime();
    if (!response.ok || !response.body) {
      const body = await readAnswer(response);
      checkSignature(options, "feed", request, response, body);
      throw refusal(response.status, body);
    }
    checkSignature(options, "feed", request, response, "stream");
    return response.body;
  }

  return {
    async call(name, ask = {}) {
      const { request, response, deadline } = await exchange(name, ask);
      try {
        const body = await readAnswer(response);
        checkSignature(options, name, request, response, body);
        if (!response.ok) throw refusal(response.status, body);
        return parseAnswer(name, body);
      } catch (error) {
        throw ask.signal?.aborted ? givenUp() : error;
      } finally {
        deadline.clear();
      }
    },
    feed,
    async items(after, signal) {
      const { vault, issuerPublicKey = new Uint8Array(0) } = options;
      return feedItems(vault, issuerPublicKey, await feed(after, signal), signal);
    },
  };
}

function requestOf<Name extends RouteName>(
  options: IssuerClientOptions,
  name: Name,
  ask: Ask<Name>,
): RequestParts {
  const { method, path } = routes[name];
  const filled = path.replace(/\{(\w+)\}/g, (_, part: string) => {
    const value = ask.path?.[part];
    if (value === undefined) throw new TypeError(`${name} needs ${part} in its path`);
    return encodeURIComponent(value);
  });
  const url = new URL(filled, options.link.origin);
  for (const [field, value] of Object.entries(ask.query ?? {})) {
    url.searchParams.set(field, String(value));
  }
  const headers = new Headers({
    accept: name === "feed" ? "text/event-stream" : "application/json",
  });
  const body = ask.body === undefined ? new Uint8Array(0) : utf8(JSON.stringify(ask.body));
  if (ask.body !== undefined) headers.set("content-type", "application/json");
  if (ask.key !== undefined) headers.set("idempotency-key", `"${ask.key}"`);
  if (ask.repeat !== undefined) headers.set(repeatHeader, String(ask.repeat));
  if (ask.bearer !== undefined) headers.set("authorization", `Bearer ${ask.bearer}`);
  const request = { method, url: url.href, headers, body };
  if (options.signer) {
    const made = {
      created_s: Math.floor(options.clock.now_ms() / 1000),
      nonce: toBase64url(options.random.bytes(16)),
    };
    signRequest(options.vault, options.signer, made, request);
  }
  return request;
}

/** Aborts with the caller's signal, or when the answer takes too long; until it is cleared. A
 * caller's signal may live as long as the process: nothing of a request stays with it. */
function deadlineOf(options: IssuerClientOptions, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const end = () => controller.abort();
  const cancel = options.clock.after(options.timeout_ms ?? 10_000, end);
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });
  return {
    signal: controller.signal,
    /** The answer is there, and is read for as long as the caller likes. */
    inTime: cancel,
    clear() {
      cancel();
      signal?.removeEventListener("abort", end);
    },
  };
}

async function fetchAnswer(
  link: IssuerLink,
  { method, url, headers, body }: RequestParts,
  signal: AbortSignal,
): Promise<Response> {
  const content = body.length > 0 ? { body: new Uint8Array(body) } : {};
  try {
    return await link.fetch(
      new Request(url, { method, headers, signal, redirect: "error", ...content }),
    );
  } catch (error) {
    if (signal.aborted) throw unreachable("it did not answer in time");
    throw error instanceof RuntimeError ? error : unreachable(causeOf(error));
  }
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function readAnswer(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  let body: Uint8Array<ArrayBuffer> | undefined;
  try {
    body = await readBody(response.body, answer_bytes);
  } catch (error) {
    throw unreachable(causeOf(error));
  }
  if (!body) throw unreachable(`it is longer than ${answer_bytes} bytes`);
  return body;
}

function checkSignature(
  options: IssuerClientOptions,
  name: RouteName,
  request: RequestParts,
  { status, headers }: Response,
  body: Uint8Array | "stream",
): void {
  let key = options.issuerPublicKey;
  if (!key && name === "keys" && body !== "stream") key = ownKey(body);
  const bound = options.signer ? label : undefined;
  const answer = { status, headers, body };
  const checked = verifyResponse(
    options.vault,
    answer,
    request,
    bound,
    (keyid) => keyid === issuerKeyid ? key : undefined,
  );
  if (checked.ok) return;
  if (status >= 500) throw unreachable(`status ${status}`);
  throw unreachable(`the answer to ${name} is not the issuer's (${checked.problem})`);
}

/** First contact: the keys answer for themselves; whether to believe them is the caller's. */
function ownKey(body: Uint8Array): Uint8Array | undefined {
  const parsed = routes.keys.answer.safeParse(json(body));
  return parsed.success ? fromBase64url(parsed.data.signing_public_key) : undefined;
}

function refusal(status: number, body: Uint8Array): Error {
  const parsed = problemSchema.safeParse(json(body));
  const kind = parsed.success ? problemKind(parsed.data.type) : undefined;
  const words = parsed.success ? parsed.data.detail ?? parsed.data.title : `status ${status}`;
  return troubleOf(kind, status, words);
}

function parseAnswer<Name extends RouteName>(
  name: Name,
  body: Uint8Array,
): Answer<Name> {
  const schema: z.ZodType | undefined = routes[name].answer;
  const parsed = schema?.safeParse(json(body));
  if (!parsed?.success) throw unreachable(`the answer to ${name} is not what the contract says`);
  return parsed.data as Answer<Name>;
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(body) ?? "");
  } catch {
    return undefined;
  }
}
