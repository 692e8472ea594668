/** The issuer's file in a story: a backup of it, and what the acquirer's own book says. */
import { DatabaseSync } from "node:sqlite";

/** The file and the log beside it, which are one. */
const parts = ["issuer.sqlite", "issuer.sqlite-wal"];

export class IssuersFile {
  /** `folder` is the issuer's. */
  constructor(private readonly folder: string) {}

  /** While no process has it open. */
  async copy(): Promise<void> {
    for (const part of parts) {
      await copied(`${this.folder}/${part}`, `${this.folder}-backup-${part}`);
    }
  }

  async putBack(): Promise<void> {
    await Deno.remove(`${this.folder}/issuer.sqlite-shm`).catch(whenThere);
    for (const part of parts) {
      await copied(`${this.folder}-backup-${part}`, `${this.folder}/${part}`);
    }
  }

  taken(reference: string): { captured_minor: number; reversed: boolean } {
    const book = new DatabaseSync(`${this.folder}/acquirer.sqlite`, { readOnly: true });
    try {
      const rows = book.prepare("SELECT deed, amount_minor FROM deed WHERE reference = ?")
        .all(reference);
      const captures = rows.filter(({ deed }) => deed === "capture");
      return {
        captured_minor: captures.reduce((sum, row) => sum + Number(row["amount_minor"]), 0),
        reversed: rows.some(({ deed }) => deed === "reverse"),
      };
    } finally {
      book.close();
    }
  }
}

/** What is not there on one side is not there on the other. */
async function copied(from: string, to: string): Promise<void> {
  await Deno.remove(to).catch(whenThere);
  await Deno.copyFile(from, to).catch(whenThere);
}

function whenThere(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
