/** Flow directives that are not the name of a task (DSL, "Flow Directive"). */
export const directives: readonly string[] = ['continue', 'exit', 'end'];
