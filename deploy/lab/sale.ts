/**
 * The whole sale on real drivers: prepares film and face, boots the machine with systemd, and has
 * the shipped service sell a tea in it.
 */
import { boot } from "./machine.ts";
import { prepareSale } from "./sale/prepare.ts";
import { operator } from "./sale/store.ts";

/** Three to four minutes where nobody else is at work. */
const limit_s = 1_800;
const probe = "deploy/lab/sale/probe.ts";

/** What the machine's tests ended with; undefined when the machine died. */
export async function wholeSale(built: string): Promise<number | undefined> {
  const machine = await boot({
    built,
    orders: `PROBE=${probe} PIN=${operator.pin} exec bash deploy/lab/sale/sale.sh`,
    systemd: true,
    share: prepareSale,
    limit_s,
  });
  return await machine.ended;
}
