/** Hides secrets by their keys, for everything that people see. */

export const secretMark = "‹secret›";

/** The same value with whatever stands under one of the keys replaced; nothing stays nothing, and
 * parts without secrets are shared. */
export function mask<T>(value: T, keys: ReadonlySet<string>): T {
  return masked(value, keys) as T;
}

function masked(value: unknown, keys: ReadonlySet<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => masked(item, keys));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, part] of Object.entries(value)) {
    const secret = keys.has(key) && part !== undefined && part !== null;
    const shown = secret ? secretMark : masked(part, keys);
    if (shown !== part) (copy ??= { ...value })[key] = shown;
  }
  return copy ?? value;
}
