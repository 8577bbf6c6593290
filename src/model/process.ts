/** User code to run in a process of its own. Every text arrives as an argument or a file, never through a shell's quoting. */
export type ProcessRequest = {
  /** Unique name of this piece of work, `<job uuid>/<step key>`; used for the work folder and in logs. */
  label: string;
  environment: Record<string, string>;
  stdin?: string;
  /** Milliseconds until it is ended; absent: the pool's own limit. */
  timeoutMs?: number;
  /** Bytes of standard output and standard error kept, each. */
  outputBytes?: number;
  /** Files placed in the work folder before it starts: name there, and the absolute path to copy from. */
  inputFiles?: { name: string; path: string }[];
} & (
  | {
      kind: 'script';
      language: 'javascript' | 'python';
      code: string;
      /** Become variables of the script. */
      arguments: Record<string, unknown>;
      /** Processes are reused only for requests with the same key (the workflow version); absent: never. */
      reuseKey?: string;
    }
  | { kind: 'shell'; command: string; arguments: string[] }
  | {
      kind: 'container';
      image: string;
      name?: string;
      command?: string;
      arguments: string[];
      ports: Record<string, string>;
      volumes: Record<string, string>;
      pullPolicy?: 'always' | 'ifNotPresent' | 'never';
    }
);

/** What the process left. */
export interface ProcessResult {
  /** Exit code; absent when a signal ended it. */
  code?: number;
  signal?: string;
  stdout: string;
  stderr: string;
  /** True when more output came than is kept. */
  truncated: boolean;
  /** What a JavaScript script returned, if it returned something JSON can hold. */
  value?: unknown;
  /** Files the process left in its `out/` folder: name and absolute path, valid until `dispose` is called. */
  files: { name: string; path: string; bytes: number }[];
  /** Why the pool ended it: time, memory, output, or the caller's signal; absent when it ended by itself. */
  ended?: 'timeout' | 'memory' | 'output' | 'aborted';
  durationMs: number;
}
