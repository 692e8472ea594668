/**
 * Reads memory once in order and keeps next to nothing: the limit that a scan of as many bytes can
 * reach. Only benches use it.
 */

/** First byte that is read. */
const START: usize = 65536;

/** Takes memory for `bytes` of them, a multiple of 64; false when it is refused. */
export function reserve(bytes: i32): bool {
  const pages = <i32> ((START + <usize> bytes + 65535) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return false;
  // Pages that were never written would all be one page of zeros.
  for (let at = START; at < START + bytes; at += 64) store<u8>(at, 1);
  return true;
}

/** Reads that many bytes. */
export function read(bytes: i32): i32 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  let at = START;
  let seen = 0;
  for (const end = START + <usize> bytes; at < end; at += 64) {
    // Pages are touched ahead as the scan does, or it would beat its limit.
    if ((at & 4095) == 0 && at + 65536 < end) seen |= load<i32>(at, 65536);
    a = v128.or(a, v128.load(at));
    b = v128.or(b, v128.load(at, 16));
    c = v128.or(c, v128.load(at, 32));
    d = v128.or(d, v128.load(at, 48));
  }
  return i32x4.extract_lane(v128.or(v128.or(a, b), v128.or(c, d)), 0) | seen;
}
