import type { TaskKind } from '../site.ts';
import { callTask } from './call.ts';
import { doTask } from './do.ts';
import { forTask } from './for.ts';
import { forkTask } from './fork.ts';
import { raiseTask } from './raise.ts';
import { runTask } from './run.ts';
import { setTask } from './set.ts';
import { switchTask } from './switch.ts';
import { tryTask } from './try.ts';
import { waitTask } from './wait.ts';

/** Every task kind of this version. */
export const kinds: readonly TaskKind[] = [
  callTask,
  doTask,
  forTask,
  forkTask,
  raiseTask,
  runTask,
  setTask,
  switchTask,
  tryTask,
  waitTask,
];
