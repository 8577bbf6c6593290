/**
 * Schedules of FME Flow: the paths of V4, and all shapes, are not public (reference section 8). What was decided here is
 * in this one place; what the product's own pages say of types, words and fields is followed.
 */
export const scheduleChoices = {
  /** Category of a schedule that was made without one. */
  category: 'Default',
  /** In place of a time: as soon as it is made; and for an end: none. */
  immediately: 'immediately',
  never: 'never',

  /** Words of a trigger, and what its basic form repeats by: each counts from the start, on the wall clock. */
  triggerTypes: ['basic', 'interval', 'cron'],
  recurrences: ['once', 'daily', 'weekdays', 'weekly', 'monthly', 'yearly'],
  /** Shown for what only our own API can say; taken where it was so before. */
  custom: 'custom',
  units: ['seconds', 'minutes', 'hours', 'days', 'weeks'],

  /** V3 has one text for all: this, `HOUR*2`, a cron expression, or the word for what has no text there. */
  v3Once: 'NEVER',
  v3Custom: 'CUSTOM',

  status: {
    /** Answers with an empty body; clients of V3 take an empty 202 for "done", 204 for "deleted". */
    enabled: 204,
    v3Enabled: 202,
    trigger: 202,
  },
} as const;
