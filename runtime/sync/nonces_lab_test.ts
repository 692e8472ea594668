/** Nonces read at a beacon through a real bluetoothd: from one controller at the other. */
import { openLabAir } from "../../hardware/testing/lab_air.ts";
import { nonceSuite } from "./testing/nonce_suite.ts";

nonceSuite("nonces through BlueZ", openLabAir);
