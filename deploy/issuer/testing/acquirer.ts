/** The reference acquirer with its book in sight. */
import { memoryBook } from "../store/acquirer_book.ts";
import { testAcquirer } from "../test_acquirer.ts";

/** A book of which tests may ask what was done under a reference. */
export function openBook() {
  const book = memoryBook();
  const noted = new Map<string, string[]>();
  return {
    ...book,
    note: (...[reference, deed, entry]: Parameters<typeof book.note>) => {
      noted.set(reference, [...noted.get(reference) ?? [], deed]);
      book.note(reference, deed, entry);
    },
    deeds: (reference: string): readonly string[] => noted.get(reference) ?? [],
    sums: (reference: string) => ({
      captured_minor: book.find(reference, "capture")?.amount_minor ?? 0,
      refunded_minor: book.refunded_minor(reference),
    }),
  };
}

export const acquirerOf = (book: ReturnType<typeof openBook>) => testAcquirer({ book });
