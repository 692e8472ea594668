/**
 * A phone's signed request to the issuer as a letter, for phones without a network: a gateway that
 * is handed it passes it on, and the issuer's signed answer back. Whoever carries letters can
 * change nothing in them; what may be asked in this way is a short list.
 */
import { z } from "zod";
import { fromUtf8, utf8 } from "../../vault/bytes.ts";
import { routes } from "./routes.ts";
import { id } from "./words.ts";

/** What a phone may ask by letter: to come, stay, pay hands-free, and go. */
const letterWords = ["checkIn", "renew", "giveTokens", "leave"] as const;
export type LetterWord = typeof letterWords[number];

/** Fields that a signature covers or consists of. Other fields stay with the phone. */
const carried = ["content-digest", "idempotency-key", "signature-input", "signature"] as const;
const answered = ["content-type", "content-digest", "signature-input", "signature"] as const;

const field = z.string().min(1).max(1_000).regex(/^[\x20-\x7e]+$/);
const letter = z.strictObject({
  v: z.literal(1),
  word: z.enum(letterWords),
  /** Which stay; none when one begins. */
  check_in: id.optional(),
  headers: z.partialRecord(z.enum(carried), field),
  body: z.string().max(3_500),
});
const answer = z.strictObject({
  v: z.literal(1),
  status: z.int().min(200).max(599),
  headers: z.partialRecord(z.enum(answered), field),
  body: z.string().max(7_000),
});

/** A request as it was signed, without the origin of the issuer. */
export interface LetterRequest {
  readonly word: LetterWord;
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** The word and the stay of a request; undefined for what goes by no letter. */
function wordOf(method: string, path: string): { word: LetterWord; check_in?: string } | undefined {
  for (const word of letterWords) {
    const route = routes[word];
    const pattern = new RegExp(`^${route.path.replace("{check_in}", "([^/]+)")}$`);
    const found = route.method === method ? pattern.exec(path) : null;
    if (found === null) continue;
    const check_in = found[1];
    return check_in === undefined ? { word } : { word, check_in: decodeURIComponent(check_in) };
  }
  return undefined;
}

const picked = (headers: Headers, names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  }));

/** Undefined for what goes by no letter. */
export function writeLetter(
  request: { readonly method: string; readonly url: string; readonly headers: Headers },
  body: string,
): Uint8Array<ArrayBuffer> | undefined {
  const { pathname, search } = new URL(request.url);
  const word = search === "" ? wordOf(request.method, pathname) : undefined;
  if (word === undefined) return undefined;
  return utf8(JSON.stringify({ v: 1, ...word, headers: picked(request.headers, carried), body }));
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes) ?? "");
  } catch {
    return undefined;
  }
}

/** Undefined for what is no letter. Whether its signature holds is for the issuer to say. */
export function readLetter(bytes: Uint8Array): LetterRequest | undefined {
  const parsed = letter.safeParse(json(bytes));
  if (!parsed.success) return undefined;
  const { word, check_in, headers, body } = parsed.data;
  const { method, path } = routes[word];
  if (path.includes("{") !== (check_in !== undefined)) return undefined;
  if (headers.signature === undefined || headers["signature-input"] === undefined) return undefined;
  const filled = path.replace("{check_in}", encodeURIComponent(check_in ?? ""));
  const sent = new Headers(headers as Record<string, string>);
  if (body !== "") sent.set("content-type", "application/json");
  return { word, method, path: filled, headers: sent, body };
}

/** The issuer's answer on its way back. */
export function writeAnswer(
  status: number,
  headers: Headers,
  body: string,
): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify({ v: 1, status, headers: picked(headers, answered), body }));
}

/** Undefined for what is no answer. */
export function readAnswer(bytes: Uint8Array): Response | undefined {
  const parsed = answer.safeParse(json(bytes));
  if (!parsed.success) return undefined;
  const { status, headers, body } = parsed.data;
  // A response of these says by itself that it has no body.
  const empty = status === 204 || status === 205 || status === 304;
  const sent = new Headers(headers as Record<string, string>);
  return new Response(empty ? null : body, { status, headers: sent });
}
