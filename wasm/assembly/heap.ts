/**
 * Binary heaps of (f32 key, i32 payload), 8 bytes an entry, with the worst entry at the root: what
 * a better one replaces.
 */

/** True when the id of row `a` sorts before the id of row `b`; ids live outside. */

declare function precedes(a: i32, b: i32): bool;

/** The order of both heaps, worst at the root; `ranked` breaks ties by id. */

export function worse(keyA: f32, a: i32, keyB: f32, b: i32, ranked: bool): bool {
  if (keyA != keyB) return keyA < keyB;
  return ranked && precedes(b, a);
}

/** Puts an entry into a heap at the free place `index`. */
export function rise(
  heap: usize,
  index: i32,
  key: f32,
  payload: i32,
  ranked: bool,
): void {
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const at = heap + <usize> parent * 8;
    if (!worse(key, payload, load<f32>(at), load<i32>(at, 4), ranked)) break;
    store<i64>(heap + <usize> index * 8, load<i64>(at));
    index = parent;
  }
  store<f32>(heap + <usize> index * 8, key);
  store<i32>(heap + <usize> index * 8, payload, 4);
}

/** Puts an entry in the place of the root of a heap of `size`. */
export function sink(
  heap: usize,
  size: i32,
  key: f32,
  payload: i32,
  ranked: bool,
): void {
  let index = 0;
  while (true) {
    let child = 2 * index + 1;
    if (child >= size) break;
    let at = heap + <usize> child * 8;
    if (
      child + 1 < size &&
      worse(
        load<f32>(at, 8),
        load<i32>(at, 12),
        load<f32>(at),
        load<i32>(at, 4),
        ranked,
      )
    ) {
      child += 1;
      at += 8;
    }
    if (!worse(load<f32>(at), load<i32>(at, 4), key, payload, ranked)) break;
    store<i64>(heap + <usize> index * 8, load<i64>(at));
    index = child;
  }
  store<f32>(heap + <usize> index * 8, key);
  store<i32>(heap + <usize> index * 8, payload, 4);
}
