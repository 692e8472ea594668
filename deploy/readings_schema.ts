/**
 * Writes `docs/readings.schema.json`, after which trackers and shelves of a store's own speak, from
 * the schema with which the gateway reads them.
 */
import { aisleReadingsJsonSchema } from "../runtime/aisle/readings.ts";

export const schemaFile = new URL("../docs/readings.schema.json", import.meta.url);

/** What the file holds. */
export const schemaText = () => `${JSON.stringify(aisleReadingsJsonSchema(), null, 2)}\n`;

if (import.meta.main) await Deno.writeTextFile(schemaFile, schemaText());
