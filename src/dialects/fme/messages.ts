/** Fixed texts that clients print and compare, letter by letter. */
export const messages = {
  unauthorized: 'Unauthorized request. Credentials are missing, invalid or expired.',
  unreadableBody: 'Request body is missing or is not valid JSON.',
  invalidParameters: 'Parameter Validation Failed',
  invalidPublishedParameters: 'Published Parameter Validation Failed',
  valueRequired: 'A value is required',
  hiddenOrMissing: (user: string) =>
    `Unauthorized request by user ${user} due to lack of proper permissions or the object does not exist.`,
  repositoryTaken: (name: string) => `${name} is not a valid name. A repository named ${name} already exists.`,
  noItem: (workspace: string) => `Item ${workspace} does not exist.`,
  noJob: (id: string | number) => `The job for ID "${id}" does not exist.`,
  jobComplete: (id: string | number) => `Job "${id}" is already complete and cannot be cancelled.`,
  jobActive: (id: string | number) => `Job "${id}" is not complete and cannot be deleted.`,
  jobNotOver: (id: string | number) => `Job "${id}" is not complete and cannot be run again.`,
  noQueue: (name: string) => `Queue "${name}" does not exist.`,
  queueTaken: (name: string) => `A queue with name "${name}" already exists.`,
  noEngineHost: (name: string) => `Engine host "${name}" does not exist.`,
  healthy: 'FME Flow is healthy.',
} as const;
