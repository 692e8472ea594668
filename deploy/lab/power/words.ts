/** What the host tells the machine in which a store is to run, and where both find each other. */
import { z } from "zod";

const port = z.int().min(1).max(65_535);

/** In the folder that the machine has as /host, which its root alone may read. */
export const orders_file = "power.json";
/** What the machine prints once somebody may speak with it. */
export const ready_words = "store: speak to me";
/** What the orders end with where a signal that nobody sent has ended a process: what a shell tells
 * of one that has aborted. Whatever is above 128 is a crash. */
export const crash_status = 134;
/** The machine's address on the emulator's network. */
export const guest_address = "10.0.2.15";

export const powerOrders = z.strictObject({
  ports: z.strictObject({ gateway: port, issuer: port, retailer: port }),
  /** Where the gateway's lines come and go. */
  lines: port,
  /** The issuer's. Secret, and of this run only. */
  admin_key: z.string(),
});
export type PowerOrders = z.infer<typeof powerOrders>;
