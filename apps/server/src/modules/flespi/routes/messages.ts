import { FlespiFailure } from '@polyrelay/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { whileThere } from '#edges/http/while-there.js';
import { bytesOf } from '../bodies.js';
import { readByKey } from '../reading/by-key.js';
import { readByTime } from '../reading/by-time.js';
import { badData, readData, readKey, readQuery } from '../reading/query.js';
import { PagesUnderWay } from '../reading/under-way.js';
import { requireRight } from '../rights.js';
import { selectChannel } from '../select.js';
import { Warnings } from '../warnings.js';

const failures = {
  '4xx': FlespiFailure.describe('What was wrong; nothing was done'),
  503: FlespiFailure.describe('Not now: try again later'),
};
const Selector = z.string().describe('Id of a channel, or what selects exactly one: name=garden*');
const params = z.object({ selector: Selector });
const Message = z.looseObject({ ident: z.string(), timestamp: z.number() });
const warnings = z.array(z.object({ reason: z.string() })).optional();

interface Call {
  Params: { selector: string };
  Querystring: { data?: unknown };
}

/** Messages of a channel (flespi section 1). */
export function messageRoutes(app: FastifyInstance): void {
  const url = '/channels/:selector/messages';
  // No browser reads these answers as pages.
  const bare = { helmet: false } as const;
  const underWay = new PagesUnderWay();

  app.get<Call>(
    url,
    {
      ...bare,
      schema: {
        summary: 'Read messages: on by key (waiting for the first one), or a range of times',
        description:
          '`data` by key: `{"curr_key":0,"timeout":30,"delete":false,"limit_count":1000,"limit_size":8388608}`. By time: `{"from":1700000000,"to":1700003600,"reverse":false,"count":100}`. Both: `"fields":"ident,position.*"`, `"filter":"battery.level < 20"`.',
        params,
        querystring: z.object({ data: z.string().optional() }),
        response: {
          200: z.object({
            result: z.array(Message),
            next_key: z.number().int().optional().describe('“curr_key” of the next call'),
            last_key: z.number().int().describe('Key of the newest message; -1: there was none'),
            warnings,
          }),
          ...failures,
        },
      },
    },
    async (request, reply) => {
      const { selector } = request.params;
      const said = new Warnings();
      const channel = await selectChannel(app, request.principal, 'GET', selector);
      noteStrays(request, said);
      const query = readQuery(request.query.data, said);
      if (query.kind === 'key' && query.delete)
        requireRight(request.principal, { uri: 'gw/channels/messages', method: 'DELETE' }, channel.id);
      const gone = whileThere(reply);
      if (query.kind === 'time') {
        const text = await underWay.read(
          query.limitSize,
          gone,
          (limitSize) => readByTime(app, channel, { ...query, limitSize }, said),
          (page) => page,
        );
        const { nextKey } = await app.channels.bounds(channel);
        return sendText(reply, `{"result":[${text}],"last_key":${nextKey - 1}${said.json()}}`);
      }
      const reader = { principal: request.principal, agent: agentOf(request), gone, underWay };
      const { text, nextKey, lastKey } = await readByKey(app, channel, query, reader, said);
      return sendText(
        reply,
        `{"result":[${text}],"next_key":${nextKey},"last_key":${lastKey}${said.json()}}`,
      );
    },
  );

  app.post<Call>(
    url,
    {
      ...bare,
      schema: {
        summary: 'Add messages, all or none: an object or a list',
        params,
        body: z.union([Message, z.array(Message)]),
        response: {
          200: z.object({
            result: z.array(
              z.object({
                first_key: z.number().int(),
                last_key: z.number().int(),
                count: z.number().int(),
              }),
            ),
          }),
          ...failures,
        },
      },
    },
    async (request, reply) => {
      const channel = await selectChannel(app, request.principal, 'POST', request.params.selector);
      const messages = app.channels.parse(bytesOf(request.body));
      const { firstKey, lastKey, count } = await app.channels.append(channel, messages);
      return sendText(reply, `{"result":[{"first_key":${firstKey},"last_key":${lastKey},"count":${count}}]}`);
    },
  );

  app.delete<Call>(
    url,
    {
      ...bare,
      schema: {
        summary: 'Delete the messages with a key smaller than `{"delete_key":n}`',
        params,
        querystring: z.object({ data: z.string() }),
        response: {
          200: z.object({ result: z.array(z.object({ first_key: z.number().int() })) }),
          ...failures,
        },
      },
    },
    async (request, reply) => {
      const channel = await selectChannel(app, request.principal, 'DELETE', request.params.selector);
      const key = readKey(readData(request.query.data), 'delete_key');
      const { nextKey } = await app.channels.bounds(channel);
      if (key > nextKey)
        throw badData(`“delete_key” ${key} lies ahead of this channel, whose next key is ${nextKey}`);
      const firstKey = await app.channels.deleteBelow(channel, key);
      return sendText(reply, `{"result":[{"first_key":${firstKey}}]}`);
    },
  );
}

/** What stands in the query beside `data` would be believed to work. */
function noteStrays(request: FastifyRequest<Call>, said: Warnings): void {
  for (const name of Object.keys(request.query))
    if (name !== 'data') said.add(`“${name.slice(0, 100)}” was ignored: it goes into data, as JSON`);
}

const agentOf = ({ headers }: FastifyRequest): string => headers['user-agent'] ?? '';

/** A client that takes nothing of its answer for so long has gone. */
const STUCK_MS = 60_000;

function sendText(reply: FastifyReply, body: string): FastifyReply {
  reply.raw.setTimeout(STUCK_MS);
  return reply
    .type('application/json')
    .header('x-content-type-options', 'nosniff')
    .serializer(asItIs)
    .send(body as never);
}

const asItIs = (text: string): string => text;
