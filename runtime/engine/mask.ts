/** Hides secrets by their keys, for everything that people see. */

export const secretMark = "‹secret›";

/** The same value with what stands under one of the keys replaced; parts without are shared. */
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
    const shown = keys.has(key) ? secretMark : masked(part, keys);
    if (shown !== part) (copy ??= { ...value })[key] = shown;
  }
  return copy ?? value;
}
