/**
 * What a signature is made over (RFC 9421, section 2): the covered components of a request,
 * or of an answer and its request, as text.
 */
import { concatBytes } from "../../vault/bytes.ts";
import { type Component, type Input, memberText } from "./structured.ts";

/** A request as it is signed and checked: the bytes that cross the wire. */
export interface RequestParts {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: Headers;
  /** Empty when there is none. */
  readonly body: Uint8Array;
}

/** An answer; a `stream` has no digest, since its end is not known when it is signed. */
export interface ResponseParts {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array | "stream";
}

/** What is signed: a request alone, or an answer with its request. */
export interface Exchange {
  readonly request: RequestParts;
  readonly response?: ResponseParts;
}

/** RFC 9421, section 2.5. Undefined when a covered component is not there or not known here. */
export function signatureBase(input: Input, exchange: Exchange): string | undefined {
  let base = "";
  for (const component of input.components.all) {
    const value = componentValue(component, exchange);
    if (value === undefined) return undefined;
    base += `${component.text}: ${value}\n`;
  }
  return `${base}"@signature-params": ${input.text}`;
}

function componentValue(component: Component, exchange: Exchange): string | undefined {
  const [name, parameters] = component.item;
  if (typeof name !== "string") return undefined;
  const ofRequest = parameters.get("req") === true || exchange.response === undefined;
  const { request, response } = exchange;
  if (name.startsWith("@")) {
    if (parameters.size > (parameters.has("req") ? 1 : 0)) return undefined;
    if (name === "@status") return ofRequest ? undefined : String(response?.status);
    return ofRequest ? derived(name, request) : undefined;
  }
  for (const parameter of parameters.keys()) {
    if (parameter !== "req" && parameter !== "key") return undefined;
  }
  const field = (ofRequest ? request : response)?.headers.get(name)?.trim();
  const key = parameters.get("key");
  if (field === undefined || key === undefined) return field;
  return typeof key === "string" ? memberText(field, key) : undefined;
}

function derived(name: string, request: RequestParts): string | undefined {
  const url = urlOf(request);
  switch (name) {
    case "@method":
      return request.method.toUpperCase();
    case "@authority":
      return url.host.toLowerCase();
    case "@path":
      return url.pathname;
    case "@query":
      return url.search || "?";
    default:
      return undefined;
  }
}

/** A request is looked at for its own signature and for that of its answer. */
const urls = new WeakMap<RequestParts, URL>();

/** The parsed URL of a request. */
export function urlOf(request: RequestParts): URL {
  const known = urls.get(request);
  if (known) return known;
  const url = new URL(request.url);
  urls.set(request, url);
  return url;
}

/** The bytes of a body, read no further than `bytes_at_most`; undefined when there are more. */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  bytes_at_most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > bytes_at_most) return undefined;
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}
