/** Request headers and answer headers that several operations share, for the document. */

export const preferHeader = {
  Prefer: {
    description: '`wait=N` waits up to N seconds for the result; `respond-async` answers at once (RFC 7240).',
    example: 'wait=10',
  },
};

export const locationHeader = { Location: { description: 'Address of the job.', example: '/jobs/1' } };
export const retryHeader = {
  'Retry-After': { description: 'Seconds until asking again is worth while.', example: '1' },
};
export const appliedHeader = {
  'Preference-Applied': { description: 'What of `Prefer` was honoured.', example: 'wait=10' },
};
