import * as z from 'zod';
import { REPOSITORY } from '../addresses.ts';
import { exampleRoot, linksBelow } from '../links.ts';
import { control, masonMembers, namespaces } from '../mason.ts';

export const itemTypes = ['WorkflowGroup', 'Workflow', 'Data'] as const;

const time = z.string().meta({ format: 'date-time', example: '2021-03-30T16:40:02.000Z' });

export const Item: z.ZodType = z
  .looseObject({
    path: z.string().meta({ description: 'Absolute and not encoded; the root is `/`.' }),
    name: z.string(),
    type: z.enum(itemTypes),
    owner: z.string(),
    description: z.string().optional(),
    size: z.int().optional().meta({ description: 'Bytes.' }),
    createdOn: time,
    lastEditedOn: time,
    lastUploadedOn: time.optional(),
    hasReport: z.boolean().optional(),
    get children(): z.ZodType {
      return z.array(Item).optional().meta({ description: 'Of a group that was opened.' });
    },
    ...masonMembers,
  })
  .meta({ id: 'KnimeItem', description: 'A workflow, a workflow group, or a data file.' });

const links = linksBelow(exampleRoot);
const self = links.item('/Users/guest/prices.csv');

export const exampleData = {
  path: '/Users/guest/prices.csv',
  name: 'prices.csv',
  type: 'Data',
  owner: 'guest',
  size: 1337,
  createdOn: '2021-01-05T09:00:00.000Z',
  lastEditedOn: '2021-01-05T09:00:00.000Z',
  '@namespaces': namespaces,
  '@controls': { self: control(self), 'knime:download': control(`${self}:data`) },
};

export const locationHeader = {
  Location: { description: 'Address of the new item.', example: `http://localhost:8080${REPOSITORY}/Users/guest/wf` },
};
