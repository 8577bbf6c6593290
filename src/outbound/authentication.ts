/** How a request proves who it comes from. */
export type Authentication =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string }
  | { kind: 'digest'; username: string; password: string }
  | OAuth2;

/** An OAuth 2 access token (RFC 6749) is fetched and sent as bearer token. */
export interface OAuth2 {
  kind: 'oauth2';
  /** Address of the token endpoint. */
  tokenUrl: string;
  grant:
    | { type: 'client_credentials' }
    | { type: 'password'; username: string; password: string }
    | { type: 'refresh_token'; refreshToken: string }
    /** RFC 8693. */
    | { type: 'token_exchange'; subject: ExchangedToken; actor?: ExchangedToken };
  client?: {
    id: string;
    secret?: string;
    /** How the client shows its secret; default `client_secret_post`. `none`: only its id is sent. */
    authentication?: 'client_secret_basic' | 'client_secret_post' | 'none';
  };
  scopes?: string[];
  audiences?: string[];
  /** Form of the request's body; default `form`, as RFC 6749 has it. */
  encoding?: 'form' | 'json';
}

export interface ExchangedToken {
  token: string;
  /** Such as `urn:ietf:params:oauth:token-type:access_token`. */
  type: string;
}
