/**
 * What is used here of the `mqtt` package. Its own declarations bring Node's along, which would
 * then stand in the place of Deno's everywhere.
 */
export interface MqttClient {
  /** Takes each message in turn: the next is read from the socket, and this one is acknowledged,
   * when `done` is called. */
  handleMessage: (packet: { readonly payload: Uint8Array }, done: () => void) => void;
  on(event: "error", call: (error: Error) => void): this;
  on(event: "close" | "connect", call: () => void): this;
  subscribe(topic: string, options: { qos: 1 }, done: (error: Error | null) => void): this;
  publishAsync(topic: string, message: string, options: { qos: 0 | 1 }): Promise<unknown>;
  end(force: boolean): this;
  endAsync(): Promise<void>;
}
export interface Options {
  readonly protocolVersion?: 5;
  readonly clientId?: string;
  readonly clean?: boolean;
  readonly properties?: { readonly sessionExpiryInterval: number };
  readonly reconnectPeriod?: number;
  readonly connectTimeout?: number;
  readonly username?: string;
  readonly password?: string;
}
export function connect(url: string, options: Options): MqttClient;
export function connectAsync(url: string): Promise<MqttClient>;
