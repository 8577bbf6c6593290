import { afterEach, beforeEach, describe } from 'vitest';
import type { Blobs, Store } from '../../src/store.ts';
import { accountSpecs } from './accounts.specs.ts';
import { blobSpecs } from './blobs.specs.ts';
import { catalogueSpecs } from './catalogue.specs.ts';
import { claimSpecs } from './claims.specs.ts';
import { endedSpecs } from './ended.specs.ts';
import { eventSpecs } from './events.specs.ts';
import { jobSpecs } from './jobs.specs.ts';
import { listSpecs } from './lists.specs.ts';
import { logSpecs } from './logs.specs.ts';
import { modelSpecs } from './model.specs.ts';
import { raceSpecs } from './races.specs.ts';
import { runSpecs } from './runs.specs.ts';
import { scheduleSpecs } from './schedules.specs.ts';
import { seriesSpecs } from './series.specs.ts';
import { upkeepSpecs } from './upkeep.specs.ts';
import { waitSpecs } from './waits.specs.ts';

/** A store under test: fresh, and able to be opened again on what it kept. */
export interface Opened {
  store: Store;
  blobs: Blobs;
  /** Closes and opens again. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** What the specifications see: the store of the test that runs. */
export interface Subject {
  readonly store: Store;
  readonly blobs: Blobs;
  reopen(): Promise<void>;
}

/** What every store must do, whatever it is made of. */
export function storeSuite(name: string, open: (options?: { maxLogBytes?: number }) => Promise<Opened>): void {
  describe(name, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await open({ maxLogBytes: 200_000 });
    });
    afterEach(async () => {
      await opened.close();
    });
    const subject: Subject = {
      get store() {
        return opened.store;
      },
      get blobs() {
        return opened.blobs;
      },
      reopen: () => opened.reopen(),
    };
    describe('jobs', () => jobSpecs(subject));
    describe('claims', () => claimSpecs(subject));
    describe('jobs that ended before they were stored', () => endedSpecs(subject));
    describe('runs', () => runSpecs(subject));
    describe('waits and time', () => waitSpecs(subject));
    describe('schedules', () => scheduleSpecs(subject));
    describe('series', () => seriesSpecs(subject));
    describe('events', () => eventSpecs(subject));
    describe('lists', () => listSpecs(subject));
    describe('logs and files', () => logSpecs(subject));
    describe('versions, queues, accounts', () => accountSpecs(subject));
    describe('the catalogue', () => catalogueSpecs(subject));
    describe('upkeep', () => upkeepSpecs(subject));
    describe('blobs', () => blobSpecs(subject));
    describe('races', () => raceSpecs(subject));
    describe('against a model', () => modelSpecs(subject));
  });
}
