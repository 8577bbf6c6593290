export type { Authentication } from './auth.ts';
export type { Lookup } from './guard.ts';
export { createOutbound, hopsHeader } from './outbound.ts';
export type { Outbound, OutboundOptions, OutboundRequest, OutboundResponse } from './types.ts';
