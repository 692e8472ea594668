/**
 * The wire between the lab's machine and its host: connections to one port are carried to another
 * place, break when they are told to, and are turned away while nobody is there.
 */

export interface Place {
  readonly hostname: string;
  readonly port: number;
}

export interface Wire {
  /** Breaks every connection that is carried now. */
  drop(): void;
  close(): void;
}

/** `to` says where connections go now; undefined turns them away. */
export function wire(from: Place, to: () => Place | undefined): Wire {
  const listener = Deno.listen({ transport: "tcp", ...from });
  const open = new Set<Deno.Conn>();
  const end = (connection: Deno.Conn) => {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch (error) {
      // Its stream has ended, and has closed it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  };
  const carry = async (near: Deno.Conn) => {
    const place = to();
    open.add(near);
    if (place === undefined) return end(near);
    const far = await Deno.connect(place).catch(() => undefined);
    if (far === undefined) return end(near);
    open.add(far);
    // Dropped while it was being connected.
    if (!open.has(near)) return end(far);
    const half = (one: Deno.Conn, other: Deno.Conn) =>
      one.readable.pipeTo(other.writable).catch(() => undefined);
    await Promise.race([half(near, far), half(far, near)]);
    end(near);
    end(far);
  };
  (async () => {
    for await (const near of listener) void carry(near);
  })().catch((error: unknown) => {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  });
  return {
    drop: () => [...open].forEach(end),
    close() {
      listener.close();
      [...open].forEach(end);
    },
  };
}
