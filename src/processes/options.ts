import type { Service } from '../lifecycle.ts';
import type { ProcessRequest, ProcessResult } from '../model/process.ts';

/** What one piece of user code may use. A limit of 0 is refused; there is no "unlimited". */
export interface ProcessLimits {
  /** Milliseconds from start to end, unless the request says less; it cannot say more. */
  timeoutMs: number;
  /** Bytes of memory of the whole process tree, as resident pages (so that buffers outside a heap count). */
  memoryBytes: number;
  /** Seconds of processor time of the whole process tree. */
  cpuSeconds: number;
  /** Bytes of the largest file it may write. */
  fileBytes: number;
  /** Processes in its tree. */
  processes: number;
  /** Bytes it may print, both streams together; above that it is ended. */
  outputBytes: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  graceMs: number;
}

/** How the pool writes its own log lines. */
export type ProcessLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: object) => void;

export interface ProcessPoolOptions {
  /** Private folders are made below it (0700) and removed after; made if absent. No `,` and no `*` in the path. */
  workFolder: string;
  /** Folders that JavaScript may read and write besides its own; they must exist. No `,` and no `*` in their paths. */
  openFolders?: readonly string[];
  /** Pieces of user code that run at once; others wait in order. */
  concurrency: number;
  /** Bytes of each output stream kept with a result, unless the request says otherwise; absent: 1 MiB. */
  keepBytes?: number;
  /** Node processes kept ready, so that a script does not wait for one to start. */
  warm: number;
  /** Milliseconds after the start until they are started; absent: 0. A run that comes before has a process started for it. */
  warmAfterMs?: number;
  limits: ProcessLimits;
  /** Runs per warm Node process, all of the same `reuseKey`; 0 or 1: a fresh process for every run. */
  reuse: number;
  /** The container command: `docker`, `podman` or a path; absent: the first of the two found on PATH. */
  container?: string;
  /**
   * The variables children may inherit, usually the server's whole environment: only PATH, LANG, LC_ALL and TZ are
   * taken from it, and for the container command its own (`DOCKER_HOST` and the like).
   */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Node's permission model around JavaScript: files of its own and the open folders only, no processes, no threads. Default true. */
  permissions?: boolean;
  log: ProcessLog;
  /** Told of each process of an earlier, dead server that was found and ended at start. */
  onOrphan?(orphan: { pid: number }): void;
}

/** What a run is given besides the request. */
export interface ProcessRunOptions {
  signal: AbortSignal;
  /** Text as it comes, whole characters only. It must not throw; if it does, that is logged. */
  onOutput?(stream: 'stdout' | 'stderr', text: string): void;
}

/**
 * The pool of child processes for all user code.
 *
 * JavaScript is kept to its own and the open folders by Node's permission model. Shell commands and Python run with all rights of the
 * server's account: their environment is clean, but they can read what the server can read, also what it was started with
 * (`/proc/<pid>/environ`). Secrets of the server therefore belong in files of another account, or the code in a container.
 */
export interface ProcessPool extends Service {
  /**
   * Runs user code in a process group of its own and answers when nothing of it is left running. A script that fails
   * is an answer too (`code`, `signal`, `ended`); thrown are only `invalid-definition` (a request that cannot be
   * run), `unavailable-feature` (no python3, no container engine), `limit-exceeded` and `draining`.
   */
  run(request: ProcessRequest, options: ProcessRunOptions): Promise<ProcessResult & { dispose(): Promise<void> }>;
  counts(): { running: number; waiting: number; warm: number };
}

/** Limits for a server that says nothing: generous for a script, harmless for the machine. */
export const defaultProcessLimits: ProcessLimits = {
  timeoutMs: 300_000,
  memoryBytes: 512 * 1024 * 1024,
  cpuSeconds: 300,
  fileBytes: 1024 * 1024 * 1024,
  processes: 64,
  outputBytes: 64 * 1024 * 1024,
  graceMs: 5_000,
};

/** Bytes of each stream kept with the result when the request does not say: enough for any sane script. */
export const defaultKeepBytes = 1024 * 1024;
