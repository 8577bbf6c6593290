export type { Authentication } from './authentication.ts';
export type { Lookup } from './guard.ts';
export { createOutbound } from './outbound.ts';
export type { Outbound, OutboundOptions, OutboundRequest, OutboundResponse } from './types.ts';
