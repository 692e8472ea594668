/** The issuer's no to a retailer, in the words that are published for its contract. What the
 * publication leaves open stands here, in one place. */

/** Names of errors, and the status of each. */
export const connectorErrors = {
  UnknownShoppingTrip: 400,
  BadRequestException: 400,
  UnknownShoppingTripException: 400,
  InvalidRequestException: 400,
  CartContentValidationFailed: 400,
  CartOrderTotalInvalid: 400,
  ShoppingTripExpiredException: 400,
  AuthenticationException: 403,
  TooManyRequestsException: 429,
  InternalServerException: 500,
  ServiceUnavailableException: 503,
} as const;
export type ConnectorError = keyof typeof connectorErrors;

export class ConnectorRefusal extends Error {
  override readonly name = "ConnectorRefusal";
  constructor(readonly error: ConnectorError, readonly field?: string) {
    super(field === undefined ? error : `${error}: ${field}`);
  }

  get status(): number {
    return connectorErrors[this.error];
  }
}
