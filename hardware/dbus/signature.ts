/** D-Bus signatures: where one complete type ends, how it is aligned, and what is none. */

/** A message that is not what it should be. */
export class WireError extends Error {
  override readonly name = "WireError";
}

export const wireLimits = {
  /** Bytes of one message that is taken in; those of BlueZ have some kilobytes. */
  message_bytes: 1024 * 1024,
  /** Containers within containers, over all variants. */
  depth: 32,
  /** Letters of one signature (the specification's own bound). */
  signature: 255,
} as const;

const alignments: Readonly<Record<string, number>> = {
  y: 1,
  g: 1,
  v: 1,
  n: 2,
  q: 2,
  b: 4,
  i: 4,
  u: 4,
  h: 4,
  s: 4,
  o: 4,
  a: 4,
  x: 8,
  t: 8,
  d: 8,
  "(": 8,
  "{": 8,
};

export function alignmentOf(type: string): number {
  const alignment = alignments[type[0] ?? ""];
  if (alignment === undefined) throw new WireError(`"${type[0] ?? ""}" begins no type`);
  return alignment;
}

/** Types that may be a key of a dictionary. */
const basic = /^[ybnqiuxtdsogh]$/;

/** Where the complete type ends that begins at `from`. */
export function typeEnd(signature: string, from: number, depth = 0): number {
  if (depth > wireLimits.depth) throw new WireError("a signature is too deep");
  const letter = signature[from] ?? "";
  alignmentOf(letter);
  if (letter === "a") return typeEnd(signature, from + 1, depth + 1);
  if (letter !== "(" && letter !== "{") return from + 1;
  let at = from + 1;
  let members = 0;
  const close = letter === "(" ? ")" : "}";
  while (signature[at] !== close) {
    if (letter === "{" && members === 0 && !basic.test(signature[at] ?? "")) {
      throw new WireError("a dictionary has a key that is no basic type");
    }
    at = typeEnd(signature, at, depth + 1);
    members++;
  }
  if (members === 0 || (letter === "{" && (members !== 2 || signature[from - 1] !== "a"))) {
    throw new WireError(`"${signature.slice(from, at + 1)}" is no type`);
  }
  return at + 1;
}

/** The complete types of a signature, one after the other. */
export function typesOf(signature: string): string[] {
  if (signature.length > wireLimits.signature) throw new WireError("a signature is too long");
  const types: string[] = [];
  for (let from = 0; from < signature.length;) {
    const to = typeEnd(signature, from);
    types.push(signature.slice(from, to));
    from = to;
  }
  return types;
}
