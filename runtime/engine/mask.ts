/** Hides secrets by their keys, for everything that people see. */

/** In ASCII: one letter beyond Latin-1 makes a text of history twice as long in memory. */
export const secretMark = "[secret]";

/** The same value with whatever stands under one of the keys replaced; nothing stays nothing, and
 * parts without secrets are shared. */
export function mask<T>(value: T, keys: ReadonlySet<string>): T {
  return masked(value, keys) as T;
}

/** The same for what never changes, such as a record: worked out once, however often it is seen. */
export class Masks {
  readonly #shown = new WeakMap<object, object>();

  constructor(private readonly keys: ReadonlySet<string>) {}

  of<T>(value: T): T {
    if (typeof value !== "object" || value === null) return value;
    let shown = this.#shown.get(value);
    if (shown === undefined) this.#shown.set(value, shown = mask<object>(value, this.keys));
    return shown as T;
  }
}

function masked(value: unknown, keys: ReadonlySet<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    let items: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const shown = masked(value[index], keys);
      if (shown !== value[index]) (items ??= [...value])[index] = shown;
    }
    return items ?? value;
  }
  const parts = value as Readonly<Record<string, unknown>>;
  let copy: Record<string, unknown> | undefined;
  // Every event comes by here: no list of entries is made of it.
  for (const key in parts) {
    const part = parts[key];
    if (part === undefined || part === null) continue;
    const shown = keys.has(key) ? secretMark : typeof part === "object" ? masked(part, keys) : part;
    if (shown !== part) (copy ??= { ...parts })[key] = shown;
  }
  return copy ?? value;
}
