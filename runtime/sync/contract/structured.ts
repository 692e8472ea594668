/**
 * The structured fields (RFC 8941) that every signed message bears. What is written as we write it
 * is read at once, and a list of components is worked out once and kept; whatever else the standard
 * allows goes to the library, which decides in either case what a field means.
 */
import {
  type BareItem,
  type InnerList,
  type Item,
  parseDictionary,
  serializeInnerList,
  serializeItem,
} from "structured-headers";
import { fromBase64, toBase64 } from "../../vault/bytes.ts";

/** A covered component of a message, and how it is written before its value. */
export interface Component {
  readonly item: Item;
  readonly text: string;
}

/** What a signature covers, in its order. */
export interface Components {
  readonly all: readonly Component[];
  readonly texts: ReadonlySet<string>;
  /** With the brackets. */
  readonly text: string;
}

/** A member of Signature-Input. */
export interface Input {
  readonly components: Components;
  readonly parameters: ReadonlyMap<string, BareItem>;
  /** As it is signed: components and parameters in the one form of the standard. */
  readonly text: string;
}

/** A dictionary of RFC 8941; undefined when the field is none. */
export function dictionary(field: string): ReturnType<typeof parseDictionary> | undefined {
  try {
    return parseDictionary(field);
  } catch {
    return undefined;
  }
}

/** By their text; those of our own messages are a dozen. */
const remembered = new Map<string, Components>();
/** Strangers may write others: these are worked out again, now and then. */
const remembered_at_most = 256;

/** The components of a bracketed list without parameters of its own; undefined when it is none. */
export function componentsOf(text: string): Components | undefined {
  const known = remembered.get(text);
  if (known) return known;
  const alone = text.startsWith("(") && text.endsWith(")") && !/[()]/.test(text.slice(1, -1));
  const list = alone ? dictionary(`x=${text}`)?.get("x") : undefined;
  if (!list || !Array.isArray(list[0])) return undefined;
  const made = workedOut(list[0]);
  if (remembered.size >= remembered_at_most) remembered.clear();
  remembered.set(text, made);
  return made;
}

function workedOut(items: readonly Item[]): Components {
  const all = items.map((item) => ({ item, text: serializeItem(item) }));
  const texts = all.map(({ text }) => text);
  return { all, texts: new Set(texts), text: `(${texts.join(" ")})` };
}

/** The input of a parsed inner list. */
export function inputOf(list: InnerList): Input {
  const [items, parameters] = list;
  return { components: workedOut(items), parameters, text: serializeInnerList(list) };
}

/** An input of these components, to be signed. */
export function makeInput(
  components: Components,
  parameters: ReadonlyMap<string, string | number>,
): Input {
  let { text } = components;
  for (const [name, value] of parameters) text += `;${name}=${serializeItem([value, new Map()])}`;
  return { components, parameters, text };
}

const isKey = (text: string) => /^[a-z*][a-z0-9_.*-]*$/.test(text);

/** The first member of Signature-Input and its name; undefined when the field is not what the
 * standard says. */
export function readInput(field: string): { label: string; input: Input } | undefined {
  const plain = readPlainInput(field);
  if (plain) return plain;
  const entry = dictionary(field)?.entries().next().value;
  if (!entry || !Array.isArray(entry[1][0])) return undefined;
  const [label, list] = entry as [string, InnerList];
  return { label, input: inputOf(list) };
}

/** One member whose parameters are whole numbers and plain strings, in the one form of each. */
function readPlainInput(field: string): { label: string; input: Input } | undefined {
  const open = field.indexOf("=(");
  const close = field.lastIndexOf(")") + 1;
  const label = field.slice(0, Math.max(0, open));
  if (close <= open || !isKey(label)) return undefined;
  const tail = field.slice(close);
  const parameters = readPlainParameters(tail);
  const components = parameters && componentsOf(field.slice(open + 1, close));
  if (!components) return undefined;
  return { label, input: { components, parameters, text: components.text + tail } };
}

function readPlainParameters(tail: string): Map<string, BareItem> | undefined {
  const one = /;([a-z*][a-z0-9_.*-]*)=(?:(0|[1-9]\d{0,14})|"([ !#-[\]-~]*)")/y;
  const parameters = new Map<string, BareItem>();
  while (one.lastIndex < tail.length) {
    const [, name, number, string] = one.exec(tail) ?? [];
    if (name === undefined || parameters.has(name)) return undefined;
    parameters.set(name, number === undefined ? string ?? "" : Number(number));
  }
  return parameters;
}

/** The base64 of a field that is this one byte sequence and nothing else, in its one form. */
function plainBytes(field: string, name: string): string | undefined {
  const start = name.length + 2;
  const plain = field.length > start && field.endsWith(":") && field.startsWith(`${name}=:`);
  return plain && isKey(name) ? field.slice(start, -1) : undefined;
}

/** A byte sequence of a dictionary; undefined when there is none by this name. */
export function readBytes(field: string, name: string): Uint8Array | undefined {
  const plain = plainBytes(field, name);
  const bytes = plain === undefined ? undefined : fromBase64(plain);
  if (bytes) return bytes;
  const value = dictionary(field)?.get(name)?.[0];
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

/** A dictionary of one byte sequence. */
export function writeBytes(name: string, bytes: Uint8Array): string {
  return `${name}=:${toBase64(bytes)}:`;
}

/** A member of a dictionary as text by itself; undefined when there is none by this name. */
export function memberText(field: string, name: string): string | undefined {
  const plain = plainBytes(field, name);
  if (plain !== undefined && fromBase64(plain)) return `:${plain}:`;
  const member = dictionary(field)?.get(name);
  if (!member) return undefined;
  return Array.isArray(member[0])
    ? serializeInnerList(member as InnerList)
    : serializeItem(member as Item);
}
