/**
 * Reads memory once in order and keeps next to nothing: the limit that a scan of as many bytes can
 * reach. Only benches use it.
 */

/** First byte that is read. */
const START: usize = 65536;
/** Pages are touched ahead as the scan does, or it would beat its limit. */
const AHEAD: usize = 131072;
const PAGE: usize = 4096;

/** Takes memory for `bytes` of them, a multiple of 128; false when it is refused. */
export function reserve(bytes: i32): bool {
  const pages = <i32> ((START + <usize> bytes + 65535) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return false;
  // Pages that were never written would all be one page of zeros.
  for (let at = START; at < START + bytes; at += 64) store<u8>(at, 1);
  return true;
}

/** Reads that many bytes from one end to the other, or in two streams as the scan does. */
export function read(bytes: i32, streams: i32): i32 {
  const both = streams == 2;
  const length: usize = both ? bytes / 2 : bytes;
  let a = i32x4.splat(0), b = a, c = a, d = a;
  let seen = 0;
  for (let at = START, end = START + length; at < end; at += 64) {
    if ((at & (PAGE - 1)) == 0 && at + AHEAD < end) {
      seen |= load<i32>(at + AHEAD);
      if (both) seen |= load<i32>(at + AHEAD + length);
    }
    a = v128.or(a, v128.load(at));
    b = v128.or(b, v128.load(at, 16));
    c = v128.or(c, v128.load(at, 32));
    d = v128.or(d, v128.load(at, 48));
    if (both) {
      const other = at + length;
      a = v128.or(a, v128.load(other));
      b = v128.or(b, v128.load(other, 16));
      c = v128.or(c, v128.load(other, 32));
      d = v128.or(d, v128.load(other, 48));
    }
  }
  return i32x4.extract_lane(v128.or(v128.or(a, b), v128.or(c, d)), 0) | seen;
}
