/** The issuer's store in memory passes the suite of all its stores. */
import { memoryIssuerStore } from "./memory.ts";
import { storeSuite } from "./store_suite.ts";

storeSuite("issuer store in memory", memoryIssuerStore);
