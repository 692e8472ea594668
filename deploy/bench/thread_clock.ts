/**
 * The processor time of this thread: what it has worked, whatever else ran on the machine. On a
 * machine that others use too, it tells a loop's own stalls from those that were done to it.
 */

const symbols = {
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** `CLOCK_THREAD_CPUTIME_ID` of Linux. */
const thread_cpu_time = 3;

export interface ThreadClock extends Disposable {
  /** Milliseconds that the calling thread has worked. */
  worked_ms(): number;
}

export function openThreadClock(): ThreadClock {
  const libc = Deno.dlopen("libc.so.6", symbols);
  // struct timespec: seconds and nanoseconds, 64 bits each.
  const time = new BigInt64Array(2);
  const bytes = new Uint8Array(time.buffer);
  return {
    worked_ms() {
      if (libc.symbols.clock_gettime(thread_cpu_time, bytes) !== 0) {
        throw new Error("this system tells no processor time of a thread");
      }
      return Number(time[0]) * 1_000 + Number(time[1]) / 1_000_000;
    },
    [Symbol.dispose]: () => libc.close(),
  };
}
