/**
 * Bytes as text and back, and JSON in one canonical form, so that what is signed or sealed on one
 * side is byte for byte what the other side checks. Web APIs only: phones use it too.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; undefined when they are none. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What newer engines can do by themselves, many times as fast. */
const isNative = typeof Uint8Array.fromBase64 === "function";

/** RFC 4648 base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  if (isNative) return bytes.toBase64();
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x2000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  }
  return btoa(binary);
}

/** Strict: undefined for anything that `toBase64` would not have written. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  if (isNative) return strictly(text, "base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return toBase64(bytes) === text ? bytes : undefined;
}

/** RFC 4648 base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  if (isNative) return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Strict: undefined for anything that `toBase64url` would not have written. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  if (isNative) return strictly(text + padding, "base64url");
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}

/** Undefined when bits are left over at the end. */
function strictly(
  text: string,
  alphabet: "base64" | "base64url",
): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet, lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}

/** Lower-case hex digits. */
export function toHex(bytes: Uint8Array): string {
  if (isNative) return bytes.toHex();
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Undefined unless the text is an even number of hex digits. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A JSON value as one text: no white space, keys ordered by their UTF-16 code units, fields that
 * are undefined left out (the form of RFC 8785). Throws `TypeError` for what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${
      fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(",")
    }}`;
  }
  const finite = typeof value !== "number" || Number.isFinite(value);
  const text = finite ? JSON.stringify(value) : undefined;
  if (text === undefined) throw new TypeError(`JSON cannot hold a ${typeof value} like this`);
  return text;
}

/** A UUID, version 4 (RFC 9562), of these 16 bytes. */
export function uuidOf(bytes: Uint8Array): string {
  const own = Uint8Array.from(bytes);
  own[6] = ((own[6] ?? 0) & 0x0f) | 0x40;
  own[8] = ((own[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...own].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
