/** The catalogue, the content and the judged texts and pairs that lie beside this file. */
import { parseCatalogue } from "../../runtime/content/catalogue.ts";
import { parseContent } from "../../runtime/content/document.ts";
import { Library } from "../../runtime/content/library.ts";
import { type Labelled, readLabelled } from "./labelled.ts";
import { type Pair, readPairs } from "./pairs.ts";

const text = (file: string) => Deno.readTextFileSync(new URL(file, import.meta.url));

export const readCatalogue = () => parseCatalogue(text("catalogue.json"), "catalogue.json");
export const labelledTexts = (): readonly Labelled[] => readLabelled(text("labelled.jsonl"));
export const judgedPairs = (): readonly Pair[] => readPairs(text("pairs.jsonl"));

/** The sample store's content, annotated. */
export function sampleLibrary(): Library {
  const library = new Library(readCatalogue());
  for (const item of parseContent(text("items.jsonld"), "items.jsonld")) library.put(item);
  return library;
}
