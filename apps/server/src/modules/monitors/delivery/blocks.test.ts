import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../../../testing/service.js';
import { Blocks, KEPT_BLOCKS } from './blocks.js';
import { newMonitor } from './testing.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('the newest blocks stay, for a day; those that were not delivered stay whatever their age', async () => {
  const { app } = service;
  const { id } = await newMonitor(app, { ackOption: 'explicit' });
  const { pool } = app.database;
  await pool.query(
    `INSERT INTO monitor_blocks (monitor_id, seq, block_id, first_place, last_place, events, bytes, state, delivered_at)
     SELECT $1, n, n, 0, 0, 1, 1, CASE WHEN n = 2 THEN 'sent' ELSE 'delivered' END,
       now() - CASE WHEN n = 200 THEN interval '25 hours' ELSE interval '0' END
     FROM generate_series(1, $2) AS n`,
    [id, KEPT_BLOCKS + 50],
  );
  const blocks = new Blocks(app.database, pino({ level: 'silent' }));
  blocks.touch(id);
  await blocks.sweep();
  blocks.stop();
  const { rows } = await pool.query('SELECT seq FROM monitor_blocks WHERE monitor_id = $1 ORDER BY seq', [
    id,
  ]);
  const expected = Array.from({ length: KEPT_BLOCKS }, (_, i) => i + 51).filter((seq) => seq !== 200);
  expect(rows.map(({ seq }) => Number(seq))).toEqual([2, ...expected]);
});
