import type { FolderView } from '../../engine/folders.ts';
import type { WorkflowRecord } from '../../engine/published.ts';
import { toIso } from '../../http/query.ts';
import type { Workflow } from '../../model/workflow.ts';
import { choices } from './choices.ts';
import { nameOf } from './names.ts';
import { parameterWire } from './parameter-wire.ts';
import { parametersOf } from './parameters.ts';
import { bytesOf } from './repository-wire.ts';
import { userId } from './user-ids.ts';

/** A workflow with all that is told of it. */
export interface Workspace {
  workflow: Workflow;
  record: WorkflowRecord;
  /** Files that lie beside it. */
  files: FolderView['files'];
}

const published = ({ workflow, record }: Workspace) => ({
  lastSaveDate: toIso(Math.floor(workflow.modifiedAt)),
  lastPublishDate: toIso(record.publishedAt ?? Math.floor(workflow.modifiedAt)),
});

export const meanElapsed = ({ runs, elapsedMs }: WorkflowRecord): number =>
  runs === 0 ? 0 : Math.round(elapsedMs / runs);

/** Processor time and memory are not measured for single jobs here. */
const averages = ({ record }: Workspace) => ({
  averageCpuPercent: 0,
  averagePeakMemoryUsage: 0,
  averageCpuTime: 0,
  averageElapsedTime: meanElapsed(record),
  totalRuns: record.runs,
});

/** A workspace as lists show it (reference section 4.2). */
export function workspaceItemWire(workspace: Workspace) {
  const { workflow, record, files } = workspace;
  const { title = '', description = '' } = workflow.current?.info ?? {};
  const { repository, workspace: name } = nameOf(workflow.path);
  const { publishedBy = '' } = record;
  return {
    name,
    title,
    description,
    type: 'workspace',
    repositoryName: repository,
    ...published(workspace),
    lastPublishUserId: publishedBy === '' ? '' : userId(publishedBy),
    lastPublishUser: publishedBy,
    totalFileSize: bytesOf(files),
    fileCount: files.length,
    ...averages(workspace),
    favorite: false,
  };
}

/** One workspace in full (reference section 4.3). What a workflow file has no word for is empty. */
export function workspaceWire(workspace: Workspace) {
  const { workflow, record, files } = workspace;
  const { title = '', description = '', tags = {}, inputSchema } = workflow.current?.info ?? {};
  const { buildNumber } = choices.version;
  return {
    name: nameOf(workflow.path).workspace,
    title,
    type: 'workspace',
    description,
    buildNumber,
    category: tags['category'] ?? '',
    history: '',
    ...published(workspace),
    lastSaveBuild: `Build ${buildNumber}`,
    legalTermsConditions: '',
    requirements: '',
    requirementsKeyword: '',
    usage: '',
    userName: record.publishedBy ?? '',
    fileSize: workflow.bytes,
    favorite: false,
    ...averages(workspace),
    properties: [],
    resources: files.map(({ path, bytes }) => ({ name: path.slice(path.lastIndexOf('/') + 1), size: bytes })),
    datasets: { source: [], destination: [] },
    services: servicesWire(),
    parameters: parametersOf(inputSchema).map(parameterWire),
  };
}

/** Which of the services take every workspace. */
export const servicesWire = () => ({
  jobSubmitter: { registered: choices.services.jobSubmitter },
  dataDownload: { registered: choices.services.dataDownload },
  dataStreaming: { registered: choices.services.dataStreaming },
  kmlNetworkLink: { registered: false },
});
