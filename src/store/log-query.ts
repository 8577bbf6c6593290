export interface LogCount {
  job: number;
  lines: number;
  warnings: number;
  errors: number;
}

export interface LogQuery {
  after?: number;
  tail?: number;
  step?: string;
  limit: number;
}
