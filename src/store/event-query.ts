/** What a list of events is narrowed to. */
export interface EventQuery {
  topic?: string;
  /** Of jobs of this user. */
  owner?: string;
  /** Only those with a higher id. */
  after?: number;
  order: 'newest' | 'oldest';
  /** 1 to 1000. */
  limit: number;
  cursor?: string;
}
