/** A step of a definition and what lies within it: what a workflow consists of, known without running it. */
export interface OutlineStep {
  name: string;
  /** Kind in its runtime's words: `call:http`, `switch`, `wait`. */
  type: string;
  /** JSON pointer into the definition; keys of step records begin with it. */
  pointer: string;
  /** Names of the steps of the same list that may come next; none: the list ends here. */
  next: string[];
  /** Lists of steps within. */
  parts: OutlinePart[];
}

export interface OutlinePart {
  /** What the list is for, such as `do`, `catch`; or the name of a branch. */
  label: string;
  steps: OutlineStep[];
}
