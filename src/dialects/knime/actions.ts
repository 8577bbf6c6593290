/**
 * Words behind the last colon of an item's address: `/repository/Users/guest/wf:jobs`. No name can have a colon, so what
 * follows the last one is always such a word (reference section 2.2). A new one is one line here.
 */
export const actions = [
  'data',
  'jobs',
  'execution',
  // Several hand-made clients guess this one.
  'execute',
  'job-pool',
  'openapi',
  'image',
  'configuration',
  'permissions',
  'schedules',
] as const;

export type Action = (typeof actions)[number];

export const isAction = (word: string): word is Action => (actions as readonly string[]).includes(word);
