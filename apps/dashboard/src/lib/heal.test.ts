import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { refetchWhenBack } from './heal';
import { live } from './live';

afterEach(() => vi.restoreAllMocks());

test('what failed while the service was away is asked for again when it is back, what did not fail is not', async () => {
  let notify = (): void => undefined;
  let status: 'open' | 'lost' = 'lost';
  vi.spyOn(live, 'onState').mockImplementation((listener) => {
    notify = listener;
    return () => undefined;
  });
  vi.spyOn(live, 'getState').mockImplementation(() => ({ status, lostAt: null }));
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  refetchWhenBack(client);
  const failing = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue('there');
  const fine = vi.fn().mockResolvedValue('there');
  const ends = [failing, fine].map((queryFn, i) =>
    new QueryObserver(client, { queryKey: [i], queryFn }).subscribe(() => undefined),
  );
  await expect.poll(() => client.getQueryState([0])?.status).toBe('error');
  status = 'open';
  notify();
  await expect.poll(() => client.getQueryData([0])).toBe('there');
  notify();
  expect(failing).toHaveBeenCalledTimes(2);
  expect(fine).toHaveBeenCalledTimes(1);
  for (const end of ends) end();
});
