/** One security-relevant act, for the record. */
export interface AuditEntry {
  at: number;
  actor: string;
  action: string;
  target?: string;
  address?: string;
  detail?: string;
}
