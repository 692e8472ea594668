/** The issuer's store in SQLite passes the suite of all its stores. */
import { openIssuerStore } from "./sqlite.ts";
import { storeSuite } from "./store_suite.ts";

storeSuite("issuer store in SQLite", () => openIssuerStore(":memory:"));
