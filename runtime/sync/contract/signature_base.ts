/**
 * What a signature is made over (RFC 9421, section 2): the covered components of a request,
 * or of an answer and its request, as text.
 */
import {
  type InnerList,
  type Item,
  parseDictionary,
  serializeInnerList,
  serializeItem,
} from "structured-headers";
import { concatBytes } from "../../vault/bytes.ts";

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

/** A dictionary of RFC 8941; undefined when the field is none. */
export function dictionary(field: string): ReturnType<typeof parseDictionary> | undefined {
  try {
    return parseDictionary(field);
  } catch {
    return undefined;
  }
}

/** RFC 9421, section 2.5. Undefined when a covered component is not there or not known here. */
export function signatureBase(input: InnerList, exchange: Exchange): string | undefined {
  const lines: string[] = [];
  for (const item of input[0]) {
    const value = componentValue(item, exchange);
    if (value === undefined) return undefined;
    lines.push(`${serializeItem(item)}: ${value}`);
  }
  lines.push(`"@signature-params": ${serializeInnerList(input)}`);
  return lines.join("\n");
}

function componentValue([name, parameters]: Item, exchange: Exchange): string | undefined {
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
  const member = typeof key === "string" ? dictionary(field)?.get(key) : undefined;
  if (!member) return undefined;
  return Array.isArray(member[0]) ? serializeInnerList(member as InnerList) : serializeItem(
    member as Item,
  );
}

function derived(name: string, request: RequestParts): string | undefined {
  const url = new URL(request.url);
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
