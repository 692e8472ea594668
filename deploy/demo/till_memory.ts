/**
 * What tills remember of their open sales across a power cut: without it a sale that was under
 * way would be nobody's, and its payment would hold the lane until its time ran out.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { RuntimeError } from "../../runtime/errors.ts";
import type { OpenSale, TillMemory } from "./cashier.ts";

const openSale = z.object({
  sale: z.object({
    poi_id: z.string(),
    sale_id: z.string(),
    service_id: z.string(),
    amount_minor: z.int(),
    currency: z.string(),
    items: z.array(z.object({
      name: z.string(),
      gtin: z.string().exactOptional(),
      quantity: z.int(),
      amount_minor: z.int(),
      category: z.string().exactOptional(),
      needs: z.string().exactOptional(),
    })),
    accept_partial: z.boolean().exactOptional(),
  }),
  shopper: z.string(),
  account: z.string().nullable(),
});
const drawer = z.record(z.string(), openSale);

/** Forgets everything at the end of the process: for tests. */
export function tillMemory(): TillMemory {
  const open = new Map<string, OpenSale>();
  return {
    load: (lane) => open.get(lane),
    keep(lane, sale) {
      if (sale === undefined) open.delete(lane);
      else open.set(lane, sale);
    },
  };
}

/**
 * Keeps the open sales of all tills in one file, replaced whole at each change. Throws
 * `RuntimeError` `data_corrupt` when the file is not one of these, `disk_failed` when it cannot
 * be written.
 */
export function tillFile(path: string): TillMemory {
  const open = new Map(Object.entries(readDrawer(path)));
  return {
    load: (lane) => open.get(lane),
    keep(lane, sale) {
      if (sale === undefined) open.delete(lane);
      else open.set(lane, openSale.parse(sale));
      try {
        writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(open)), { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new RuntimeError("disk_failed", `cannot keep the open sales: ${reason}`, { cause });
      }
    },
  };
}

function readDrawer(path: string): z.infer<typeof drawer> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return {};
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError("disk_failed", `cannot read the open sales: ${reason}`, { cause });
  }
  try {
    return drawer.parse(JSON.parse(text));
  } catch (cause) {
    const message = `${path} does not hold the tills' open sales: move it away and start again`;
    throw new RuntimeError("data_corrupt", message, { cause });
  }
}
