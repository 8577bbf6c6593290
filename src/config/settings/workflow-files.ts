import { duration, flag } from '../kinds.ts';
import { day, setting } from './setting.ts';

/** Workflow files. */
export const workflowFiles = {
  watch: setting({
    kind: flag,
    default: true,
    description: 'Whether changes in the workflows folder are seen at once; off for network drives.',
  }),
  rescanSeconds: setting({
    kind: duration(1, day),
    default: 30,
    unit: 'seconds',
    description: 'How often the workflows folder is read through besides.',
  }),
};
