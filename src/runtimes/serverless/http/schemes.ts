/** Ways a request proves who it comes from (DSL reference, "Authentication"). */
export const schemes = ['basic', 'bearer', 'digest', 'oauth2'] as const;
export type Scheme = (typeof schemes)[number];
