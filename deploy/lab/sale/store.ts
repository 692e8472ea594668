/** The store of the lab's sale: one lane, a camera and a beacon on real drivers, and their film. */

/** What the grabber is fed with: the smallest of the shapes that its driver knows, with its number
 * there. */
export const film = { width: 640, height: 480, frames_per_second: 60, timings: "index=0" } as const;

export const ports = { gateway: 8480, issuer: 8490 } as const;
export const hardware_id = "riverside-b1";
/** Who taps the shopper; nothing is at stake in this store. */
export const operator = { operator: "olga", pin: "lab-2580" } as const;

export const grabber = "/dev/v4l/by-name/vivid-002-vid-cap";
export const screen = "/dev/v4l/by-name/vivid-002-vid-out";

/** As it is written to /etc/saunter/store.json. */
export const store = {
  store: {
    id: "riverside",
    name: "Riverside Market",
    merchant: "riverside-foods",
    currency: "EUR",
    jurisdiction: "DE",
    timezone: "Europe/Berlin",
  },
  gateway: { id: "riverside-1" },
  http: { host: "127.0.0.1", port: ports.gateway },
  issuer: { url: `http://127.0.0.1:${ports.issuer}` },
  data: "/var/lib/saunter",
  zones: [{ id: "tills", name: "Tills" }],
  lanes: [{ id: "1", name: "Lane 1", zone: "tills", camera: "till-1" }],
  beacons: [{ hardware_id, zone: "tills", device: { kind: "bluez", adapter: "hci0" } }],
  cameras: [{
    id: "till-1",
    zone: "tills",
    device: {
      kind: "v4l2",
      path: grabber,
      width: film.width,
      height: film.height,
      frames_per_second: film.frames_per_second,
      pixel_format: "YUYV",
    },
  }],
  // The film is of a head that is hardly turned, as most are at a till.
  perception: { allow_drawn_models: true, frames_per_second: 1, liveness: "motion" },
  policies: {
    allow_drawn_models: true,
    selection_timeout_ms: 600_000,
    authorisation_timeout_ms: 60_000,
  },
} as const;
