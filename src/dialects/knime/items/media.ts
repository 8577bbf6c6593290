/** Media types of archives (reference section 4.1). */
export const WORKFLOW_ARCHIVE = 'application/vnd.knime.workflow+zip';
export const GROUP_ARCHIVE = 'application/vnd.knime.workflow-group+zip';
