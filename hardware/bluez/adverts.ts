/**
 * Beacon frames as they go on the air: Eddystone (UID, EID, TLM), iBeacon and AltBeacon. What is
 * heard is read with its lengths checked; what is none of these is nothing.
 */

/** What an advertisement carries, as Bluetooth sorts it (Supplement to the Core, part A). */
export interface Advert {
  readonly name?: string;
  /** By 16-bit UUID. */
  readonly service_data: ReadonlyMap<number, Uint8Array>;
  /** By company identifier. */
  readonly manufacturer_data: ReadonlyMap<number, Uint8Array>;
}

/** A frame. Powers are in dBm: of Eddystone at no distance, of the others at one metre. */
export type BeaconFrame =
  | { readonly kind: "eddystone_eid"; readonly power_dbm: number; readonly code: string }
  | {
    readonly kind: "eddystone_uid";
    readonly power_dbm: number;
    /** 20 and 12 hex digits. */
    readonly namespace: string;
    readonly instance: string;
  }
  | {
    readonly kind: "eddystone_tlm";
    /** 0 for devices without a battery. */
    readonly battery_mv: number;
    readonly temperature_c: number | undefined;
    readonly adverts: number;
    readonly uptime_s: number;
  }
  | {
    readonly kind: "ibeacon";
    readonly power_dbm: number;
    /** 32 hex digits. */
    readonly uuid: string;
    readonly major: number;
    readonly minor: number;
  }
  | {
    readonly kind: "altbeacon";
    readonly power_dbm: number;
    readonly company: number;
    /** 40 hex digits. */
    readonly id: string;
  };

export const eddystone_uuid = 0xfeaa;
const apple = 0x004c;
const EID = 0x30, UID = 0x00, TLM = 0x20;
/** A temperature that is not measured. */
const no_temperature = -0x8000;

const toHex = (bytes: Uint8Array) => bytes.toHex();

function fromHex(text: string, length: number): Uint8Array {
  if (!new RegExp(`^[0-9a-f]{${length * 2}}$`).test(text)) {
    throw new RangeError(`${length * 2} hex digits are needed, not ${text.length} characters`);
  }
  return Uint8Array.fromHex(text);
}

/** Throws `RangeError` for what does not fit into its fields. */
export function advertOf(frame: BeaconFrame): Advert {
  const service = (bytes: number[]): Advert => ({
    service_data: new Map([[eddystone_uuid, new Uint8Array(bytes)]]),
    manufacturer_data: new Map(),
  });
  const manufacturer = (company: number, bytes: number[]): Advert => ({
    service_data: new Map(),
    manufacturer_data: new Map([[company, new Uint8Array(bytes)]]),
  });
  switch (frame.kind) {
    case "eddystone_eid":
      return service([EID, signed(frame.power_dbm), ...fromHex(frame.code, 8)]);
    case "eddystone_uid": {
      const id = [...fromHex(frame.namespace, 10), ...fromHex(frame.instance, 6)];
      return service([UID, signed(frame.power_dbm), ...id, 0, 0]);
    }
    case "eddystone_tlm": {
      const bytes = new DataView(new ArrayBuffer(14));
      bytes.setUint8(0, TLM);
      bytes.setUint16(2, frame.battery_mv);
      const { temperature_c } = frame;
      bytes.setInt16(4, temperature_c === undefined ? no_temperature : temperature_c * 256);
      bytes.setUint32(6, frame.adverts);
      bytes.setUint32(10, frame.uptime_s * 10);
      return service([...new Uint8Array(bytes.buffer)]);
    }
    case "ibeacon":
      return manufacturer(apple, [
        ...[0x02, 0x15, ...fromHex(frame.uuid, 16), frame.major >> 8, frame.major & 0xff],
        ...[frame.minor >> 8, frame.minor & 0xff, signed(frame.power_dbm)],
      ]);
    case "altbeacon":
      return manufacturer(frame.company, [
        ...[0xbe, 0xac, ...fromHex(frame.id, 20), signed(frame.power_dbm), 0],
      ]);
  }
}

const signed = (value: number) => value & 0xff;

/** Every frame that an advertisement holds. */
export function framesOf(advert: Advert): BeaconFrame[] {
  const found: BeaconFrame[] = [];
  const eddystone = advert.service_data.get(eddystone_uuid);
  const frame = eddystone === undefined ? undefined : eddystoneOf(eddystone);
  if (frame !== undefined) found.push(frame);
  for (const [company, bytes] of advert.manufacturer_data) {
    const frame = company === apple ? iBeaconOf(bytes) : altBeaconOf(company, bytes);
    if (frame !== undefined) found.push(frame);
  }
  return found;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function eddystoneOf(bytes: Uint8Array): BeaconFrame | undefined {
  const fields = view(bytes);
  if (bytes[0] === EID && bytes.length === 10) {
    const code = toHex(bytes.subarray(2));
    return { kind: "eddystone_eid", power_dbm: fields.getInt8(1), code };
  }
  // The two reserved bytes may be left out.
  if (bytes[0] === UID && (bytes.length === 18 || bytes.length === 20)) {
    return {
      kind: "eddystone_uid",
      power_dbm: fields.getInt8(1),
      namespace: toHex(bytes.subarray(2, 12)),
      instance: toHex(bytes.subarray(12, 18)),
    };
  }
  if (bytes[0] === TLM && bytes[1] === 0 && bytes.length === 14) {
    const temperature = fields.getInt16(4);
    return {
      kind: "eddystone_tlm",
      battery_mv: fields.getUint16(2),
      temperature_c: temperature === no_temperature ? undefined : temperature / 256,
      adverts: fields.getUint32(6),
      uptime_s: fields.getUint32(10) / 10,
    };
  }
  return undefined;
}

function iBeaconOf(bytes: Uint8Array): BeaconFrame | undefined {
  if (bytes.length !== 23 || bytes[0] !== 0x02 || bytes[1] !== 0x15) return undefined;
  const fields = view(bytes);
  return {
    kind: "ibeacon",
    power_dbm: fields.getInt8(22),
    uuid: toHex(bytes.subarray(2, 18)),
    major: fields.getUint16(18),
    minor: fields.getUint16(20),
  };
}

function altBeaconOf(company: number, bytes: Uint8Array): BeaconFrame | undefined {
  if (bytes.length !== 24 || bytes[0] !== 0xbe || bytes[1] !== 0xac) return undefined;
  const id = toHex(bytes.subarray(2, 22));
  return { kind: "altbeacon", power_dbm: view(bytes).getInt8(22), company, id };
}

const SERVICE_DATA_16 = 0x16, MANUFACTURER_DATA = 0xff, SHORT_NAME = 0x08, WHOLE_NAME = 0x09;

/** The structures of an advertisement as it is on the air: length, type, data, again and again. One
 * that ends too early ends the reading; what came before counts. */
export function readAdvert(bytes: Uint8Array): Advert {
  const service_data = new Map<number, Uint8Array>();
  const manufacturer_data = new Map<number, Uint8Array>();
  let name: string | undefined;
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at]!;
    const data = bytes.subarray(at + 2, at + 1 + length);
    if (length === 0 || at + 1 + length > bytes.length) break;
    const type = bytes[at + 1];
    const number = data.length >= 2 ? data[0]! | data[1]! << 8 : undefined;
    if (type === SERVICE_DATA_16 && number !== undefined) service_data.set(number, data.slice(2));
    if (type === MANUFACTURER_DATA && number !== undefined) {
      manufacturer_data.set(number, data.slice(2));
    }
    if (type === WHOLE_NAME || (type === SHORT_NAME && name === undefined)) {
      name = new TextDecoder().decode(data);
    }
    at += 1 + length;
  }
  return { service_data, manufacturer_data, ...(name === undefined ? {} : { name }) };
}
