import type { Dialect } from '../../../dialect.ts';
import { dataDownload } from './data-download.ts';
import { dataStreaming } from './data-streaming.ts';
import { dataUpload } from './data-upload.ts';
import { jobSubmitter } from './job-submitter.ts';

/** The services of FME Flow, each below a root of its own. */
export const services: readonly Dialect[] = [jobSubmitter, dataDownload, dataStreaming, dataUpload];
