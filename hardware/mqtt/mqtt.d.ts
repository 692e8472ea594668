/**
 * What is used here of the `mqtt` package. Its own declarations bring Node's along, which would
 * then stand in the place of Deno's everywhere.
 */
export interface MqttClient {
  on(event: "message", call: (topic: string, payload: Uint8Array) => void): this;
  on(event: "error", call: (error: Error) => void): this;
  on(event: "close" | "connect", call: () => void): this;
  subscribe(topic: string, options: { qos: 1 }, done: (error: Error | null) => void): this;
  publish(topic: string, message: string, options: { qos: 1 }): this;
  end(force: boolean): this;
  endAsync(): Promise<void>;
}
export interface Options {
  readonly reconnectPeriod?: number;
  readonly connectTimeout?: number;
  readonly username?: string;
  readonly password?: string;
}
export function connect(url: string, options: Options): MqttClient;
export function connectAsync(url: string): Promise<MqttClient>;
