import * as z from 'zod';
import { bytesOf } from '../repository-wire.ts';
import { type Workspace, workspaceItemWire, workspaceWire } from '../workspace-wire.ts';
import { v3ParametersOf } from './parameter-wire.ts';

const when = z.string().meta({ format: 'date-time', example: '2026-01-15T08:55:00.000Z' });
const averages = {
  avgCpuPct: z.number(),
  avgPeakMemUsage: z.int(),
  avgCpuTime: z.number(),
  avgElapsedTime: z.number(),
  totalRuns: z.int(),
};
const anything = z.looseObject({});

export const FmeV3Item = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    type: z.literal('WORKSPACE'),
    repositoryName: z.string(),
    userName: z.string(),
    lastSaveDate: when,
    lastPublishDate: when,
    totalFileSize: z.int(),
    fileCount: z.int(),
    ...averages,
  })
  .meta({ id: 'FmeV3Item' });

export const FmeV3Workspace = z
  .looseObject({
    name: z.string(),
    title: z.string(),
    type: z.literal('WORKSPACE'),
    ...averages,
    parameters: z.array(anything),
  })
  .meta({ id: 'FmeV3Workspace' });

export const exampleV3Item = {
  name: '10seconds.fmw',
  title: 'Ten seconds',
  description: '',
  type: 'WORKSPACE',
  repositoryName: 'Tutorials',
  userName: 'admin',
  lastSaveDate: '2026-01-10T08:00:00.000Z',
  lastPublishDate: '2026-01-15T08:55:00.000Z',
  totalFileSize: 0,
  fileCount: 0,
  avgCpuPct: 0,
  avgPeakMemUsage: 0,
  avgCpuTime: 0,
  avgElapsedTime: 10_430,
  totalRuns: 1,
};

const averagesOf = (item: ReturnType<typeof workspaceItemWire>) => ({
  avgCpuPct: item.averageCpuPercent,
  avgPeakMemUsage: item.averagePeakMemoryUsage,
  avgCpuTime: item.averageCpuTime,
  avgElapsedTime: item.averageElapsedTime,
  totalRuns: item.totalRuns,
});

/** A workspace as lists of V3 show it. */
export function v3ItemWire(workspace: Workspace) {
  const item = workspaceItemWire(workspace);
  return {
    name: item.name,
    title: item.title,
    description: item.description,
    type: 'WORKSPACE',
    repositoryName: item.repositoryName,
    userName: item.lastPublishUser,
    lastSaveDate: item.lastSaveDate,
    lastPublishDate: item.lastPublishDate,
    totalFileSize: bytesOf(workspace.files),
    fileCount: item.fileCount,
    ...averagesOf(item),
  };
}

/** One workspace as V3 shows it in full. */
export function v3WorkspaceWire(workspace: Workspace) {
  const whole = workspaceWire(workspace);
  return {
    name: whole.name,
    title: whole.title,
    description: whole.description,
    type: 'WORKSPACE',
    enabled: workspace.workflow.current !== undefined,
    buildNumber: whole.buildNumber,
    category: whole.category,
    history: whole.history,
    lastSaveDate: whole.lastSaveDate,
    lastPublishDate: whole.lastPublishDate,
    lastSaveBuild: whole.lastSaveBuild,
    legalTermsConditions: whole.legalTermsConditions,
    requirements: whole.requirements,
    requirementsKeyword: whole.requirementsKeyword,
    usage: whole.usage,
    userName: whole.userName,
    fileSize: whole.fileSize,
    ...averagesOf(workspaceItemWire(workspace)),
    properties: whole.properties,
    resources: whole.resources,
    datasets: whole.datasets,
    parameters: v3ParametersOf(workspace.workflow.current?.info.inputSchema),
  };
}
