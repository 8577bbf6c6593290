import { flag, single, whole } from '../fields.ts';
import { controlFields } from './controls.ts';

/** Values that steer an upload, in the address or in the form (reference section 10.3). */
export const uploadFields = {
  opt_namespace: single(
    'Folder of the files, so that several requests share one; without it each upload has its own.',
    'c0ffee01',
  ),
  opt_fullpath: flag('Whether paths are such as a published parameter takes; else they are relative.'),
  opt_extractarchive: flag('Whether a ZIP archive is unpacked, into a folder of its name.'),
  opt_pathlevel: whole(
    { min: -1 },
    { description: 'Levels of folders that are listed; all unless given.', example: 3 },
  ),
  opt_responseformat: controlFields.opt_responseformat,
};
