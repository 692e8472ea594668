/** Nonces read at a beacon through D-Bus, on an org.bluez of the tests' own. */
import { openLetterAir } from "../../hardware/testing/letter_air.ts";
import { nonceSuite } from "./testing/nonce_suite.ts";

nonceSuite("nonces through BlueZ on a bus of its own", openLetterAir);
