import * as z from 'zod';

const when = z.string().meta({ format: 'date-time', example: '2026-01-15T08:55:00.000Z' });
const averages = {
  averageCpuPercent: z.number(),
  averagePeakMemoryUsage: z.int(),
  averageCpuTime: z.number(),
  averageElapsedTime: z.number().meta({ description: 'Milliseconds, over all runs there ever were.' }),
  totalRuns: z.int().meta({ description: 'Runs that came to an end, also of jobs that are deleted by now.' }),
};

export const FmeWorkspaceItem = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    type: z.literal('workspace'),
    repositoryName: z.string(),
    lastSaveDate: when,
    lastPublishDate: when,
    lastPublishUserId: z.string(),
    lastPublishUser: z.string().meta({ description: 'Empty for a file that was put into the folder.' }),
    totalFileSize: z.int(),
    fileCount: z.int().meta({ description: 'Files beside it in its repository.' }),
    ...averages,
    favorite: z.boolean(),
  })
  .meta({ id: 'FmeWorkspaceItem' });

export const exampleItem = {
  name: '10seconds.fmw',
  title: 'Ten seconds',
  description: '',
  type: 'workspace',
  repositoryName: 'Tutorials',
  lastSaveDate: '2026-01-10T08:00:00.000Z',
  lastPublishDate: '2026-01-15T08:55:00.000Z',
  lastPublishUserId: '6a3f2c1e-0b7d-5d58-9f1e-2c9f4b8e7a10',
  lastPublishUser: 'admin',
  totalFileSize: 0,
  fileCount: 0,
  averageCpuPercent: 0,
  averagePeakMemoryUsage: 0,
  averageCpuTime: 0,
  averageElapsedTime: 10_430,
  totalRuns: 1,
  favorite: false,
};

const service = z.looseObject({ registered: z.boolean() });
export const FmeServices = z
  .object({ jobSubmitter: service, dataDownload: service, dataStreaming: service, kmlNetworkLink: service })
  .meta({ id: 'FmeServices', description: 'The services a workspace may be called through.' });

export const exampleServices = {
  jobSubmitter: { registered: true },
  dataDownload: { registered: false },
  dataStreaming: { registered: false },
  kmlNetworkLink: { registered: false },
};

const anything = z.looseObject({});
export const FmeWorkspace = z
  .object({
    name: z.string(),
    title: z.string(),
    type: z.literal('workspace'),
    description: z.string(),
    buildNumber: z.int(),
    category: z.string(),
    history: z.string(),
    lastSaveDate: when,
    lastPublishDate: when,
    lastSaveBuild: z.string(),
    legalTermsConditions: z.string(),
    requirements: z.string(),
    requirementsKeyword: z.string(),
    usage: z.string(),
    userName: z.string(),
    fileSize: z.int(),
    favorite: z.boolean(),
    ...averages,
    properties: z.array(anything),
    resources: z.array(z.object({ name: z.string(), size: z.int() })),
    datasets: z.object({ source: z.array(anything), destination: z.array(anything) }),
    services: FmeServices,
    parameters: z.array(anything),
  })
  .meta({ id: 'FmeWorkspace' });

export const exampleWorkspace = {
  name: '10seconds.fmw',
  title: 'Ten seconds',
  type: 'workspace',
  description: '',
  buildNumber: 26_100,
  category: '',
  history: '',
  lastSaveDate: '2026-01-10T08:00:00.000Z',
  lastPublishDate: '2026-01-15T08:55:00.000Z',
  lastSaveBuild: 'Build 26100',
  legalTermsConditions: '',
  requirements: '',
  requirementsKeyword: '',
  usage: '',
  userName: 'admin',
  fileSize: 20_480,
  favorite: false,
  averageCpuPercent: 0,
  averagePeakMemoryUsage: 0,
  averageCpuTime: 0,
  averageElapsedTime: 10_430,
  totalRuns: 1,
  properties: [],
  resources: [{ name: 'cities.csv', size: 912 }],
  datasets: { source: [], destination: [] },
  services: exampleServices,
  parameters: [],
};
